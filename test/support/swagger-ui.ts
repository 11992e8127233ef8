import type { Locator, Page } from 'playwright-core';

/** The live response that "Try it out" shows. */
export interface ShownAnswer {
  status: string;
  body: string;
}

/** Drives Swagger UI like a user. */
export class SwaggerUi {
  constructor(private readonly page: Page) {}

  get dialog(): Locator {
    return this.page.locator('.modal-ux');
  }

  async openDialog(): Promise<void> {
    await this.page.locator('.scheme-container .btn.authorize').click();
    await this.dialog.waitFor();
  }

  /** The part of the dialog for one security scheme. */
  scheme(name: string): Locator {
    return this.dialog.locator('.auth-container', { hasText: name });
  }

  async authorize(username: string, password: string): Promise<void> {
    await this.openDialog();
    const scheme = this.scheme('OAuth2PasswordBearer');
    await scheme.locator('#oauth_username').fill(username);
    await scheme.locator('#oauth_password').fill(password);
    await scheme.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
  }

  async pasteToken(token: string): Promise<void> {
    await this.openDialog();
    const scheme = this.scheme('HTTPBearer');
    await scheme.locator('input').fill(token);
    await scheme.getByRole('button', { name: 'Apply credentials' }).click();
  }

  /** The button that a scheme shows when it has a token. */
  signedIn(name: string): Locator {
    return this.scheme(name).getByRole('button', { name: 'Remove authorization' });
  }

  async closeDialog(): Promise<void> {
    await this.dialog.locator('.close-modal').click();
  }

  operation(method: 'get' | 'post', path: string): Locator {
    return this.page.locator(`.opblock-${method}`).filter({ has: this.page.locator(`[data-path="${path}"]`) });
  }

  /** Method and path of every operation, from top to bottom. */
  async operations(): Promise<string[]> {
    const summaries = await this.page.locator('.opblock-summary').all();
    return Promise.all(
      summaries.map(async (summary) => {
        const method = await summary.locator('.opblock-summary-method').innerText();
        const path = await summary.locator('.opblock-summary-path').getAttribute('data-path');
        return `${method.toLowerCase()} ${path}`;
      }),
    );
  }

  /** Opens an operation with "Try it out". */
  async tryOut(method: 'get' | 'post', path: string): Promise<Locator> {
    const operation = this.operation(method, path);
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.try-out__btn').click();
    return operation;
  }

  async execute(operation: Locator): Promise<ShownAnswer> {
    await operation.locator('.btn.execute').click();
    const answer = operation.locator('.live-responses-table tr.response');
    return {
      status: await answer.locator('.response-col_status').innerText(),
      body: await answer.locator('.response-col_description .highlight-code pre').first().innerText(),
    };
  }
}
