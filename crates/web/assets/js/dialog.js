// Dialogs open by `commandfor`; here is what older browsers lack, and what every dialog wants.
const native = "commandForElement" in HTMLButtonElement.prototype;

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[commandfor]");
  if (button && !native) {
    const dialog = document.getElementById(button.getAttribute("commandfor"));
    if (button.getAttribute("command") === "show-modal") dialog?.showModal();
    else dialog?.close();
  }
  // A click on the backdrop is a click on the dialog itself.
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

// A destructive button waits for the name. The server asks again.
document.addEventListener("input", (event) => {
  const field = event.target.closest("input[data-confirm]");
  if (!field) return;
  const button = field.form?.querySelector("button[data-confirmed]");
  if (button) button.setAttribute("aria-disabled", String(field.value.trim() !== field.dataset.confirm));
});
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector("input[data-confirm]");
  if (!field || field.value.trim() === field.dataset.confirm) return;
  event.preventDefault();
  field.setAttribute("aria-invalid", "true");
  field.focus();
});

// A toast leaves after eight seconds, unless somebody reads it.
for (const toast of document.querySelectorAll(".toast")) {
  let left = setTimeout(() => toast.remove(), 8000);
  const stay = () => clearTimeout(left);
  const leave = () => { stay(); left = setTimeout(() => toast.remove(), 8000); };
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("pointerleave", leave);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("focusout", leave);
}
