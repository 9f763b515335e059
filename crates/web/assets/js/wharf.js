// The script of every page. Each module makes one thing nicer; without any of them links and forms still work.
import "htmx.org";
import "./theme.js";
import "./time.js";
import "./copy.js";
import "./dialog.js";
import "./form.js";
import "./filter.js";
import "./palette.js";
import "./log.js";
import "./live.js";

// On a phone the tab that is open is seen among its neighbours.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
