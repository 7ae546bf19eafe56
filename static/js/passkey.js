// Say on the page that a passkey was refused; the library tells only the console.
{
  const says = document.currentScript.dataset.says;
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    let notice = document.getElementById("passkey-refused");
    if (!notice) {
      notice = Object.assign(document.createElement("p"), { id: "passkey-refused", className: "notice notice--error" });
      notice.setAttribute("role", "alert");
      document.querySelector("main h1").after(notice);
    }
    notice.textContent = "";
    notice.textContent = says;
  });
}
