import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import Handlebars from 'handlebars';
import { PlatformSettings } from '../../platform/config/platform-settings.js';
import { MAIL_LANGUAGES, type MailLanguage } from './mail-language.js';
import { MAIL_TEMPLATES, type MailTemplate, type MailVariables } from './mail-variables.js';
import { type MailFormat, templateHelpers } from './template-helpers.js';

export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

const PARTIALS = { html: ['layout', 'button', 'facts', 'fact'], txt: ['button'] } as const;

/** Not run before the first use; parsed at once. */
type Program = (variables: object) => string;

/** A template's first line, without what every message has of its own. */
const SUBJECT = /^Subject: (.+)\n\n/;

/**
 * Fills the templates. All of them are read and parsed at the start, so that one that is missing or wrong is found then; a
 * variable that a template names and nobody gives is an error, not an empty place.
 */
@Injectable()
export class MailRenderer {
  private readonly programs = new Map<string, Program>();

  constructor(private readonly settings: PlatformSettings) {
    for (const language of MAIL_LANGUAGES) for (const format of ['html', 'txt'] as const) this.load(language, format);
  }

  render<Template extends MailTemplate>(
    template: Template,
    language: MailLanguage,
    variables: Readonly<MailVariables[Template]>,
  ): RenderedMail {
    const { APP_NAME: product, PUBLIC_URL: home } = this.settings;
    const all = { ...variables, product, home, language };
    const written = this.program(template, language, 'txt')(all);
    const [heading = '', subject] = SUBJECT.exec(written) ?? [];
    if (!subject) throw new RangeError(`the text of the message ${template} begins with no subject`);
    const text = `${written.slice(heading.length).trim()}\n`;
    return { subject, text, html: this.program(template, language, 'html')({ ...all, subject }) };
  }

  private program(template: MailTemplate, language: MailLanguage, format: MailFormat): Program {
    const program = this.programs.get(`${language}/${template}.${format}`);
    if (!program) throw new RangeError(`there is no message ${template}`);
    return program;
  }

  /** Languages and formats have an instance each: helpers and partials are an instance's. */
  private load(language: MailLanguage, format: MailFormat): void {
    const handlebars = Handlebars.create();
    const helpers = templateHelpers(language, format);
    handlebars.registerHelper({ ...helpers });
    const options = {
      strict: true,
      noEscape: format === 'txt',
      knownHelpers: Object.fromEntries(Object.keys(helpers).map((name) => [name, true])),
      knownHelpersOnly: true,
    };
    const compile = (name: string): Program => handlebars.compile(parse(`${name}.${format}`), options);
    for (const partial of PARTIALS[format]) handlebars.registerPartial(partial, compile(partial));
    handlebars.registerPartial('footer', compile(`${language}/footer`));
    for (const template of MAIL_TEMPLATES) {
      this.programs.set(`${language}/${template}.${format}`, compile(`${language}/${template}`));
    }
  }
}

function parse(name: string): hbs.AST.Program {
  return Handlebars.parse(readFileSync(new URL(`../templates/${name}.hbs`, import.meta.url), 'utf8'));
}
