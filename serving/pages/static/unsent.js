// What somebody wrote in their own words and has not sent is not left without asking: by a link, another language, a
// closed tab. A browser asks in its own words. What is only looked up (a client, a month) is left as it is.
const unsent = new Set(document.querySelectorAll('form[data-own-words="unsent"]'));
document.addEventListener("input", ({ target: { form } }) => {
  if (form?.hasAttribute("data-own-words")) unsent.add(form);
});
document.addEventListener("submit", ({ target }) => unsent.delete(target));
addEventListener("beforeunload", (event) => {
  if ([...unsent].some((form) => form.isConnected)) event.preventDefault();
});
