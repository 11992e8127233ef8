import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import Handlebars from 'handlebars';
import { PlatformSettings } from '../../platform/config/platform-settings.js';
import { programFile } from '../../platform/config/program-files.js';
import { MAIL_LANGUAGES, type MailLanguage } from './mail-language.js';
import { MAIL_TEMPLATES, type MailTemplate, type MailVariables } from './mail-variables.js';
import { type MailFormat, templateHelpers } from './template-helpers.js';

export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

const PARTIALS = { html: ['layout', 'button', 'facts', 'fact'], txt: ['button'] } as const;

/** A parsed template, which Handlebars compiles at its first use. */
type Program = (variables: object) => string;

/** The first line of a text template. */
const SUBJECT = /^Subject: (.+)\n\n/;

/**
 * Fills the templates. All of them are read and parsed at the start, so a missing or invalid template fails the start.
 * A missing variable is an error instead of an empty string.
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
    const output = this.program(template, language, 'txt')(all);
    const [heading = '', subject] = SUBJECT.exec(output) ?? [];
    if (!subject) throw new RangeError(`the text template of ${template} does not begin with a subject`);
    const text = `${output.slice(heading.length).trim()}\n`;
    return { subject, text, html: this.program(template, language, 'html')({ ...all, subject }) };
  }

  private program(template: MailTemplate, language: MailLanguage, format: MailFormat): Program {
    const program = this.programs.get(`${language}/${template}.${format}`);
    if (!program) throw new RangeError(`unknown message ${template}`);
    return program;
  }

  /** Each language and format has its own Handlebars instance, because helpers and partials belong to an instance. */
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
  return Handlebars.parse(readFileSync(programFile(`mail/templates/${name}.hbs`), 'utf8'));
}
