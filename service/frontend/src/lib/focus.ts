/** Move the focus to the page when what had it is gone: the next Tab begins there, not at the top. */
export function focusPage(): void {
  document.getElementById("content")?.focus();
}

/** Move the focus to the first field of a form that is marked as wrong, once the marks are shown. */
export function focusFirstProblem(form: HTMLFormElement): void {
  requestAnimationFrame(() => {
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });
}
