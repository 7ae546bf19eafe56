/** Share with the system's own sheet, else copy the link; print. Without script "Share" writes a mail. */
function connect(root) {
  for (const button of root.querySelectorAll("[data-print]")) button.hidden = false;
}

async function share(link) {
  const { url, title, copied } = link.dataset;
  if (navigator.share) {
    // A reader who closes the sheet has changed their mind; nothing went wrong.
    await navigator.share({ url, title }).catch(() => {});
    return;
  }
  await navigator.clipboard.writeText(url);
  const words = link.textContent;
  link.textContent = copied;
  link.parentElement.querySelector("[data-share-status]").textContent = copied;
  setTimeout(() => (link.textContent = words), 2500);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const link = event.target.closest("[data-share]");
  if (!link || !(navigator.share || navigator.clipboard)) return;
  event.preventDefault();
  share(link);
});
document.addEventListener("masthead:streamed", (event) => connect(event.target));
connect(document);
