// A citation or paper in the chat opens its card; the card is closed by its button or Escape, and focus goes back.
let asked = null;

function close() {
  trigger('select', { key: '' });
  if (asked && asked.isConnected) asked.focus();
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href*="#cite-"], a[href*="#paper-"]');
  if (!link) return;
  event.preventDefault();
  event.stopPropagation();
  asked = link;
  trigger('select', { key: link.getAttribute('href').split('#').pop() });
}, true);

element.addEventListener('click', (event) => {
  if (event.target.closest('button[name="close"]')) close();
});
element.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') close();
});

watch('value', () => {
  const card = element.querySelector('.citation');
  if (card) card.focus({ preventScroll: true });
});

// Gradio names each message by the source of its HTML, which a screen reader would read out.
new MutationObserver(() => {
  document.querySelectorAll('.chat [aria-label*="message: <div"]').forEach((message) => message.removeAttribute('aria-label'));
}).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-label'] });
