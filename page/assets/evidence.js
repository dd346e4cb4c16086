// A button says what it does by its name and with what by its data, a form by its fields; focus stays where it was.
let asked = null;

const named = (within, from) => ({ ...(within ? within.dataset : {}), ...from });

function unfold(button, form) {
  form.hidden = !form.hidden;
  button.setAttribute('aria-expanded', String(!form.hidden));
  if (!form.hidden) form.querySelector('input').focus();
}

element.addEventListener('click', (event) => {
  const button = event.target.closest('button[name]');
  if (!button) return;
  const row = button.closest('[data-key]');
  if (button.name === 'correct') return unfold(button, row.querySelector('form'));
  asked = { name: button.name, data: { ...button.dataset }, key: row && row.dataset.key };
  trigger('select', named(row, { act: button.name, ...button.dataset }));
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  const row = event.target.closest('[data-key]');
  asked = { name: 'open', data: {}, key: row.dataset.key };
  trigger('submit', named(row, Object.fromEntries(new FormData(event.target))));
});

let cell = null;

watch('value', () => {
  const heading = element.querySelector('.of-cell');
  const opened = heading && heading.textContent;
  if (opened && opened !== cell) {
    heading.focus({ preventScroll: true });
    heading.scrollIntoView({ block: 'start' });
  } else if (asked && asked.key) {
    const row = [...element.querySelectorAll('tr.row')].find((each) => each.dataset.key === asked.key);
    const button = row && row.querySelector('button[name="open"]');
    if (button) button.focus({ preventScroll: true });
  } else if (asked) {
    const same = (each) => Object.entries(asked.data).every(([name, value]) => each.dataset[name] === value);
    const button = [...element.querySelectorAll(`button[name="${asked.name}"]`)].find(same);
    if (button) button.focus({ preventScroll: true });
  }
  cell = opened;
  asked = null;
});
