/* Small help with forms: sent by themselves where there is nothing to decide, themes without a reload. */

export function easeForms() {
  forgetReport();
  document.querySelector('form[data-once]')?.requestSubmit();
  document.querySelectorAll('form[data-auto] select').forEach((select) => {
    select.addEventListener('change', () => select.form.requestSubmit());
  });
  document.querySelector('form[data-theme-form]')?.addEventListener('submit', changeTheme);
}

async function changeTheme(event) {
  event.preventDefault();
  const { currentTarget: form, submitter: button } = event;
  const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, button)) });
  if (!answer.ok) return location.reload();
  document.documentElement.dataset.theme = button.value;
  form.querySelectorAll('button').forEach((each) => (each.ariaPressed = String(each === button)));
}

/* What the form before this page did is told once, not again at each reload. */
function forgetReport() {
  const here = new URL(location.href);
  here.searchParams.delete('did');
  here.searchParams.delete('n');
  if (here.href !== location.href) history.replaceState(history.state, '', here);
}
