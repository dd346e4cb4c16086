// The buttons of the list say what they do and with which conversation; some leave the one that is being answered in.
const leaving = ['open', 'drop'];

element.addEventListener('click', (event) => {
  const button = event.target.closest('button[name]');
  if (button) trigger(leaving.includes(button.name) ? 'select' : 'click', { act: button.name, id: button.value });
});
