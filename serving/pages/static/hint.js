// A hint that is open is asked about again and again (hint.html.jinja). Where nobody answers, it may have been stopped
// without this page being told: then the page says so, until somebody answers again.
const say = (unreached) => {
  document.getElementById("unreached").hidden = !unreached;
};
document.addEventListener("htmx:error", () => say(true));
document.addEventListener("htmx:after:request", () => say(false));
