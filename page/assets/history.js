// The buttons of the list say what they do and with which conversation.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[name]');
  if (button) trigger('select', { act: button.name, id: button.value });
});
