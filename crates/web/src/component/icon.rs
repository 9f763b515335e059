//! Icons on a 24 px grid and status marks on a 16 px grid, drawn in the current colour. Each page carries the sprite once and uses it by reference.

use maud::{Markup, PreEscaped, html};

/// An icon. Beside a word it is decoration; alone, its button carries the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A pulse: what happened.
    Activity,
    /// A window: an application.
    App,
    /// Move on.
    Arrow,
    /// A box: backups.
    Backup,
    /// Notifications.
    Bell,
    /// A git branch.
    Branch,
    /// Chosen.
    Check,
    /// Opens below.
    Chevron,
    /// Time.
    Clock,
    /// Source code.
    Code,
    /// A commit.
    Commit,
    /// Copy.
    Copy,
    /// A cylinder: a database.
    Database,
    /// Deploy.
    Deploy,
    /// Storage.
    Disk,
    /// More actions.
    Dots,
    /// Download.
    Download,
    /// Leads out of Wharf.
    External,
    /// Show.
    Eye,
    /// A file.
    File,
    /// Load.
    Gauge,
    /// A domain.
    Globe,
    /// The overview.
    Home,
    /// A container image.
    Image,
    /// A key.
    Key,
    /// A webhook.
    Link,
    /// Locked, or TLS.
    Lock,
    /// Lines of a log.
    Log,
    /// Opens the navigation.
    Menu,
    /// Edit.
    Pencil,
    /// Start.
    Play,
    /// Add.
    Plus,
    /// A project.
    Project,
    /// Again.
    Refresh,
    /// Search.
    Search,
    /// Racks: a server.
    Server,
    /// Security.
    Shield,
    /// Settings.
    Sliders,
    /// Layers: a stack.
    Stack,
    /// Stop.
    Stop,
    /// Switch to another.
    Switch,
    /// A tag.
    Tag,
    /// A terminal.
    Terminal,
    /// Day and night.
    Theme,
    /// Remove.
    Trash,
    /// Undo, roll back.
    Undo,
    /// People.
    Users,
}

impl Icon {
    /// Every icon with its name in the sprite and its drawing.
    const DRAWN: &[(Self, &str, &str)] = &[
        (Self::Activity, "activity", r#"<path d="M3.5 12h4l2.5-6.5 4 13 2.5-6.5h4"/>"#),
        (Self::App, "app", r#"<rect x="3.5" y="5" width="17" height="14" rx="2.5"/><path d="M3.5 9.5h17M6.7 7.3h.01"/>"#),
        (Self::Arrow, "arrow", r#"<path d="M5 12h14M13.5 6.5L19 12l-5.5 5.5"/>"#),
        (
            Self::Backup,
            "backup",
            r#"<rect x="3.5" y="4.5" width="17" height="4.5" rx="1.5"/><path d="M5.5 9v9A1.5 1.5 0 0 0 7 19.5h10a1.5 1.5 0 0 0 1.5-1.5V9M10 13h4"/>"#,
        ),
        (Self::Bell, "bell", r#"<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10.2 20.5h3.6"/>"#),
        (
            Self::Branch,
            "branch",
            r#"<circle cx="7" cy="5.5" r="2"/><circle cx="7" cy="18.5" r="2"/><circle cx="17" cy="8" r="2"/><path d="M7 7.5v9M17 10c0 3.5-4.5 3.5-8.3 7.2"/>"#,
        ),
        (Self::Check, "check", r#"<path d="M5 12.5l4.5 4.5L19 7.5"/>"#),
        (Self::Chevron, "chevron", r#"<path d="M7 10l5 5 5-5"/>"#),
        (Self::Clock, "clock", r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>"#),
        (Self::Code, "code", r#"<path d="M9 8l-4 4 4 4M15 8l4 4-4 4"/>"#),
        (Self::Commit, "commit", r#"<circle cx="12" cy="12" r="3.4"/><path d="M3.5 12h5M15.5 12h5"/>"#),
        (
            Self::Copy,
            "copy",
            r#"<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M15 5.6V5a1.5 1.5 0 0 0-1.5-1.5h-8A1.5 1.5 0 0 0 4 5v8a1.5 1.5 0 0 0 1.5 1.5h.6"/>"#,
        ),
        (
            Self::Database,
            "database",
            r#"<ellipse cx="12" cy="6" rx="7" ry="2.8"/><path d="M5 6v12c0 1.5 3.1 2.8 7 2.8s7-1.3 7-2.8V6M5 12c0 1.5 3.1 2.8 7 2.8s7-1.3 7-2.8"/>"#,
        ),
        (Self::Deploy, "deploy", r#"<path d="M12 15V4.5M8 8l4-4 4 4M5 15.5V18a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-2.5"/>"#),
        (Self::Disk, "disk", r#"<ellipse cx="12" cy="12" rx="8" ry="8"/><circle cx="12" cy="12" r="2.2"/><path d="M16.5 16.5l-2-2"/>"#),
        (Self::Dots, "dots", r#"<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="2.6"/>"#),
        (Self::Download, "download", r#"<path d="M12 4v11M8 11.5l4 4 4-4M5 20h14"/>"#),
        (Self::External, "external", r#"<path d="M13.5 4.5h6v6M19 5l-8 8M10 5.5H6A1.5 1.5 0 0 0 4.5 7v11A1.5 1.5 0 0 0 6 19.5h11a1.5 1.5 0 0 0 1.5-1.5v-4"/>"#),
        (Self::Eye, "eye", r#"<path d="M2.8 12C5 8 8.2 6 12 6s7 2 9.2 6c-2.2 4-5.4 6-9.2 6s-7-2-9.2-6z"/><circle cx="12" cy="12" r="2.6"/>"#),
        (Self::File, "file", r#"<path d="M7.5 3.5H14l4.5 4.5v11a1.5 1.5 0 0 1-1.5 1.5H7.5A1.5 1.5 0 0 1 6 19V5a1.5 1.5 0 0 1 1.5-1.5zM14 3.5V8h4.5"/>"#),
        (Self::Gauge, "gauge", r#"<path d="M4.5 17.5a8.5 8.5 0 1 1 15 0M12 14l4-4.5"/>"#),
        (
            Self::Globe,
            "globe",
            r#"<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c2.4 2.5 3.5 5.3 3.5 8.5s-1.1 6-3.5 8.5c-2.4-2.5-3.5-5.3-3.5-8.5s1.1-6 3.5-8.5z"/>"#,
        ),
        (Self::Home, "home", r#"<path d="M4 11l8-7 8 7v7.5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18.5zM9.5 20v-6h5v6"/>"#),
        (Self::Image, "image", r#"<path d="M12 3.5l7.5 4v9l-7.5 4-7.5-4v-9zM4.5 7.5l7.5 4 7.5-4M12 11.5v9"/>"#),
        (Self::Key, "key", r#"<circle cx="8.5" cy="15.5" r="3.7"/><path d="M11.2 12.8L19.5 4.5M16 8l2.5 2.5"/>"#),
        (
            Self::Link,
            "link",
            r#"<path d="M10 14a3.5 3.5 0 0 0 5 0l3.5-3.5a3.5 3.5 0 0 0-5-5L12.5 6.5M14 10a3.5 3.5 0 0 0-5 0l-3.5 3.5a3.5 3.5 0 0 0 5 5l1-1"/>"#,
        ),
        (Self::Lock, "lock", r#"<rect x="5.5" y="11" width="13" height="9" rx="2"/><path d="M8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>"#),
        (Self::Log, "log", r#"<path d="M5 6h14M5 10.5h14M5 15h9M5 19.5h6"/>"#),
        (Self::Menu, "menu", r#"<path d="M4 7h16M4 12h16M4 17h16"/>"#),
        (Self::Pencil, "pencil", r#"<path d="M5 19l1-4L16.5 4.5l3 3L9 18zM14 7l3 3"/>"#),
        (Self::Play, "play", r#"<path d="M8 5.5v13l10.5-6.5z"/>"#),
        (Self::Plus, "plus", r#"<path d="M12 5v14M5 12h14"/>"#),
        (
            Self::Project,
            "project",
            r#"<path d="M3.5 7A1.5 1.5 0 0 1 5 5.5h4.5l2 2.5H19a1.5 1.5 0 0 1 1.5 1.5v8A1.5 1.5 0 0 1 19 19H5a1.5 1.5 0 0 1-1.5-1.5z"/>"#,
        ),
        (Self::Refresh, "refresh", r#"<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 4v4h-4"/>"#),
        (Self::Search, "search", r#"<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>"#),
        (
            Self::Server,
            "server",
            r#"<rect x="4" y="4" width="16" height="7" rx="2"/><rect x="4" y="13" width="16" height="7" rx="2"/><path d="M7.7 7.5h.01M7.7 16.5h.01M12 7.5h4.5M12 16.5h4.5"/>"#,
        ),
        (Self::Shield, "shield", r#"<path d="M12 3.5l7 2.5v5.5c0 4.3-2.8 7.3-7 9-4.2-1.7-7-4.7-7-9V6z"/>"#),
        (
            Self::Sliders,
            "sliders",
            r#"<circle cx="14" cy="8" r="2.2"/><circle cx="10" cy="16" r="2.2"/><path d="M4.5 8h7.3M16.2 8h3.3M4.5 16h3.3M12.2 16h7.3"/>"#,
        ),
        (Self::Stack, "stack", r#"<path d="M12 4l8 4-8 4-8-4zM4 12l8 4 8-4M4 16l8 4 8-4"/>"#),
        (Self::Stop, "stop", r#"<rect x="6.5" y="6.5" width="11" height="11" rx="2"/>"#),
        (Self::Switch, "switch", r#"<path d="M8.5 9.5L12 6l3.5 3.5M8.5 14.5L12 18l3.5-3.5"/>"#),
        (Self::Tag, "tag", r#"<path d="M4 4.5h7.5L20 13l-7 7-8.5-8.5zM8 8.5h.01"/>"#),
        (Self::Terminal, "terminal", r#"<path d="M5 8l4 4-4 4M12 16.5h7"/>"#),
        (Self::Theme, "theme", r#"<circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/>"#),
        (Self::Trash, "trash", r#"<path d="M5 7h14M10 7V4.5h4V7M6.7 7l.8 11.6a1.5 1.5 0 0 0 1.5 1.4h6a1.5 1.5 0 0 0 1.5-1.4L17.3 7"/>"#),
        (Self::Undo, "undo", r#"<path d="M8 5L4 9l4 4M4 9h10.5a5.5 5.5 0 0 1 0 11H11"/>"#),
        (
            Self::Users,
            "users",
            r#"<circle cx="9" cy="8.5" r="3.2"/><path d="M3.5 19c.5-3.3 2.6-5 5.5-5s5 1.7 5.5 5M15.5 5.7a3.1 3.1 0 0 1 0 5.7M17.2 14.5c1.9.6 3 2.1 3.3 4.5"/>"#,
        ),
    ];

    fn name(self) -> &'static str {
        Self::DRAWN.iter().find(|(icon, ..)| *icon == self).map_or("", |(_, name, _)| name)
    }
}

/// The icon, hidden from readers.
pub fn icon(icon: Icon) -> Markup {
    html! { svg .icon aria-hidden="true" { use href={ "#i-" (icon.name()) } {} } }
}

/// The shapes of states: name and drawing.
const MARKS: &[(&str, &str)] = &[
    (
        "degraded",
        r#"<path class="m-fill" d="M8 1.8c.5 0 .9.3 1.2.7l5.3 9.7c.6 1-.1 2.3-1.2 2.3H2.7c-1.1 0-1.8-1.3-1.2-2.3l5.3-9.7c.3-.4.7-.7 1.2-.7z"/><path class="m-cut" d="M8 6.2v3.1M8 11.7v.01"/>"#,
    ),
    ("deploying", r#"<circle class="m-line" cx="8" cy="8" r="5.5" opacity=".3"/><path class="m-line" d="M8 2.5A5.5 5.5 0 0 1 13.5 8"/>"#),
    ("done", r#"<circle class="m-fill" cx="8" cy="8" r="6.5"/><path class="m-cut" d="M5 8.3l2.1 2.1L11 6"/>"#),
    ("exited", r#"<path class="m-fill" d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z"/><path class="m-cut" d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4"/>"#),
    ("failed", r#"<path class="m-fill" d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z"/><path class="m-cut" d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4"/>"#),
    ("past", r#"<circle class="m-fill" cx="8" cy="8" r="6.5"/><path class="m-cut" d="M5 8.3l2.1 2.1L11 6"/>"#),
    ("running", r#"<circle class="m-fill" cx="8" cy="8" r="5.5"/>"#),
    ("skipped", r#"<circle class="m-line thin" cx="8" cy="8" r="5.5"/><path class="m-line thin" d="M5.7 8h4.6"/>"#),
    ("stopped", r#"<rect class="m-line" x="3" y="3" width="10" height="10" rx="2"/>"#),
    ("unknown", r#"<circle class="m-line" cx="8" cy="8" r="5.5" stroke-dasharray="2.3 3.46"/><circle class="m-fill" cx="8" cy="8" r="1.2"/>"#),
    ("unreachable", r#"<path class="m-line" d="M4 12A5.5 5.5 0 0 1 12 4M13.3 6.5A5.5 5.5 0 0 1 6.5 13.3M2.5 13.5l11-11"/>"#),
    ("waiting", r#"<circle class="m-line thin" cx="8" cy="8" r="5"/>"#),
    ("working", r#"<circle class="m-line" cx="8" cy="8" r="5.5" opacity=".3"/><path class="m-line" d="M8 2.5A5.5 5.5 0 0 1 13.5 8"/>"#),
];

/// The sprite: every icon and mark, once a page.
pub fn sprite() -> Markup {
    html! {
        svg .sprite aria-hidden="true" {
            @for (_, name, drawing) in Icon::DRAWN {
                symbol id={ "i-" (name) } viewBox="0 0 24 24" { (PreEscaped(drawing)) }
            }
            @for (name, drawing) in MARKS {
                symbol id={ "m-" (name) } viewBox="0 0 16 16" { (PreEscaped(drawing)) }
            }
        }
    }
}
