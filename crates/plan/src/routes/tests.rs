//! The route table as applications change.

use super::*;
use model::{BuildPack, Source};

fn settings(domains: &[&str]) -> Settings {
    let mut settings = Settings::new(Source::Image { reference: "nginx".parse().expect("an image"), credential: None }, BuildPack::Image);
    settings.domains = domains.iter().map(|text| text.parse().expect("a domain")).collect();
    settings
}

fn application(number: u8, settings: &Settings) -> RoutedApplication<'_> {
    let container = |replica: u8| ServingContainer { name: format!("app{number}-{replica}"), address: IpAddr::from([10, 0, number, replica]) };
    RoutedApplication {
        application: ApplicationId::from_chance([number; 24]),
        settings,
        exposed_port: "3000".parse().ok(),
        containers: vec![container(2), container(1)],
        held: false,
    }
}

/// The table as lines: `host/path [https] [strip] -> target`.
fn lines(routing: &Routing) -> Vec<String> {
    let line = |route: &Route| {
        let target = match &route.target {
            Target::Upstreams { upstreams } => upstreams.iter().map(|upstream| upstream.address.to_string()).collect::<Vec<_>>().join(" "),
            Target::Hold => "hold".into(),
            Target::Redirect { host } => format!("see {host}"),
        };
        let scheme = if route.https_only { "https" } else { "http" };
        let strip = if route.strip_prefix { " strip" } else { "" };
        format!("{scheme} {}{}{strip} -> {target}", route.host, route.path)
    };
    routing.table.routes.iter().map(line).collect()
}

fn routed(settings: &Settings) -> Vec<String> {
    lines(&route_table(1, &[application(1, settings)]))
}

#[test]
fn a_domain_leads_to_every_container_and_its_own_port_overrides() {
    let mut settings = settings(&["b.example.com/api", "http://a.example.com:9000"]);
    settings.strip_prefix = true;
    assert_eq!(routed(&settings), ["http a.example.com/ -> 10.0.1.1:9000 10.0.1.2:9000", "https b.example.com/api strip -> 10.0.1.1:3000 10.0.1.2:3000"]);
}

#[test]
fn requests_are_held_and_a_route_without_containers_stays() {
    let settings = settings(&["a.example.com"]);
    let mut held = application(1, &settings);
    held.held = true;
    assert_eq!(lines(&route_table(1, &[held.clone()])), ["https a.example.com/ -> hold"]);
    let empty = RoutedApplication { held: false, containers: Vec::new(), ..held };
    assert_eq!(lines(&route_table(1, &[empty])), ["https a.example.com/ -> "]);
}

#[test]
fn www_sends_visitors_to_the_preferred_host_and_never_to_one_nobody_set() {
    let with = |domains: &[&str], www| {
        let mut settings = settings(domains);
        settings.www = www;
        routed(&settings)
    };
    let serves = "-> 10.0.1.1:3000 10.0.1.2:3000";
    let (bare, www) = (format!("https example.com/ {serves}"), format!("https www.example.com/ {serves}"));
    let (to_www, to_bare) = ("https example.com/ -> see www.example.com".to_owned(), "https www.example.com/ -> see example.com".to_owned());
    assert_eq!(with(&["example.com", "www.example.com"], WwwRedirect::Both), [bare.clone(), www.clone()]);
    assert_eq!(with(&["example.com", "www.example.com"], WwwRedirect::Www), [to_www.clone(), www.clone()]);
    assert_eq!(with(&["www.example.com"], WwwRedirect::Www), [to_www, www.clone()]);
    assert_eq!(with(&["example.com"], WwwRedirect::Www), std::slice::from_ref(&bare));
    assert_eq!(with(&["example.com", "www.example.com"], WwwRedirect::NonWww), [bare.clone(), to_bare.clone()]);
    assert_eq!(with(&["example.com"], WwwRedirect::NonWww), [bare, to_bare]);
    assert_eq!(with(&["www.example.com"], WwwRedirect::NonWww), [www]);
    assert_eq!(with(&["*.example.com"], WwwRedirect::NonWww).len(), 1);
}

#[test]
fn the_older_application_keeps_a_domain_and_the_conflict_is_told() {
    let (first, second) = (settings(&["a.example.com"]), settings(&["a.example.com", "a.example.com/api"]));
    let routing = route_table(7, &[application(1, &first), application(2, &second)]);
    assert_eq!(routing.table.generation, 7);
    assert_eq!(lines(&routing), ["https a.example.com/ -> 10.0.1.1:3000 10.0.1.2:3000", "https a.example.com/api -> 10.0.2.1:3000 10.0.2.2:3000"]);
    let [conflict] = routing.conflicts.as_slice() else { panic!("{:?}", routing.conflicts) };
    assert_eq!((conflict.host.as_str(), conflict.path.is_root()), ("a.example.com", true));
    assert_eq!((&conflict.held_by, &conflict.wanted_by), (&ApplicationId::from_chance([1; 24]), &ApplicationId::from_chance([2; 24])));
}

#[test]
fn a_redirect_gives_way_to_a_domain_that_a_person_set_for_a_younger_application() {
    let (mut first, second) = (settings(&["example.com"]), settings(&["www.example.com"]));
    first.www = WwwRedirect::NonWww;
    let routing = route_table(1, &[application(1, &first), application(2, &second)]);
    assert_eq!(lines(&routing)[1], "https www.example.com/ -> 10.0.2.1:3000 10.0.2.2:3000");
    assert_eq!(routing.conflicts, []);
}

#[test]
fn without_a_port_nobody_is_asked() {
    let settings = settings(&["a.example.com", "b.example.com:80"]);
    let unknown = RoutedApplication { exposed_port: None, ..application(1, &settings) };
    assert_eq!(lines(&route_table(1, &[unknown])), ["https a.example.com/ -> ", "https b.example.com/ -> 10.0.1.1:80 10.0.1.2:80"]);
}

proptest::proptest! {
    #[test]
    fn every_domain_has_one_route_or_is_told_as_a_conflict_and_redirects_arrive(
        claims in proptest::collection::vec((0..3u8, 0..4usize, 0..3usize), 0..8), www in 0..3usize,
    ) {
        let mut all = [settings(&[]), settings(&[]), settings(&[])];
        for (owner, host, path) in claims {
            let text = format!("{}{}", ["a.com", "www.a.com", "*.a.com", "b.com"][host], ["/", "/api", "/api/v1"][path]);
            let domains = &mut all[usize::from(owner)].domains;
            let domain: model::Domain = text.parse().expect("a domain");
            if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        all.iter_mut().for_each(|settings| settings.www = [WwwRedirect::Both, WwwRedirect::Www, WwwRedirect::NonWww][www]);
        let applications: Vec<_> = (1..).zip(&all).map(|(number, settings)| application(number, settings)).collect();
        let routing = route_table(1, &applications);
        let mut places: Vec<_> = routing.table.routes.iter().map(|route| (&route.host, &route.path)).collect();
        proptest::prop_assert!(places.is_sorted());
        places.dedup();
        proptest::prop_assert_eq!(places.len(), routing.table.routes.len());
        for application in &applications {
            for domain in &application.settings.domains {
                let owner = routing.table.routes.iter().find(|route| (&route.host, &route.path) == (&domain.host, &domain.path)).map(|route| &route.application);
                let told = routing.conflicts.iter().any(|conflict| conflict.wanted_by == application.application && conflict.host == domain.host && conflict.path == domain.path);
                proptest::prop_assert!(owner == Some(&application.application) || told && owner.is_some());
            }
        }
        for (route, host) in routing.table.routes.iter().filter_map(|route| if let Target::Redirect { host } = &route.target { Some((route, host)) } else { None }) {
            let arrives = |other: &Route| other.host == *host && covers(&other.path, &route.path) && !matches!(other.target, Target::Redirect { .. });
            proptest::prop_assert!(routing.table.routes.iter().any(arrives), "{} leads nowhere", route.host);
        }
    }
}
