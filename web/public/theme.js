// Sets the chosen theme before the first paint; without a choice the system's holds.
(function () {
  try {
    var theme = localStorage.getItem("stoa.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (_) {
    // Storage may be closed to pages; then the system's theme holds.
  }
})();
