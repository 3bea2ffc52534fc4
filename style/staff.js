// Staff pages work without this; it adds the keyboard, and sends the hand-over form at once.
"use strict";
(() => {
  const form = document.querySelector("form[data-send=now]");
  if (form) {
    form.submit();
    return;
  }
  const typing = (el) => el.closest("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const move = (step) => {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(document.activeElement);
    const to = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
    all[to].focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (typing(event.target)) return;
    if (event.key === "/") {
      const box = document.querySelector('[data-key="/"]');
      if (box) {
        event.preventDefault();
        box.focus();
        box.select();
      }
    } else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
  });
})();
