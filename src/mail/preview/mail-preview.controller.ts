import { Controller, Get, Header, Headers, Param, Query, Req, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../access/public.decorator.js';
import { MailSettings } from '../settings/mail.settings.js';
import { PlatformSettings } from '../../platform/config/platform-settings.js';
import { notFound } from '../../platform/http/http.errors.js';
import { linkTo } from '../messages/links.js';
import { MAIL_LANGUAGES, type MailLanguage, languageOf } from '../messages/mail-language.js';
import { MailRenderer } from '../messages/mail-renderer.js';
import { MAIL_TEMPLATES } from '../messages/mail-variables.js';
import { listPage, messagePage } from './preview-pages.js';
import { sampleVariables } from './sample-variables.js';

/** Blocks scripts and requests, in the page and in the framed message. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'";
const HTML = 'text/html; charset=utf-8';

/** Previews of all messages, for developers. */
@Public()
@ApiExcludeController()
@Controller({ path: 'dev/mails', version: VERSION_NEUTRAL })
export class MailPreviewController {
  constructor(
    private readonly renderer: MailRenderer,
    private readonly settings: MailSettings,
    private readonly platform: PlatformSettings,
  ) {}

  @Get()
  @Header('content-type', HTML)
  @Header('content-security-policy', PAGE_POLICY)
  list(@Req() { pathPrefix }: FastifyRequest): string {
    return listPage(this.platform.APP_NAME, this.settings.SMTP_HOST, pathPrefix);
  }

  @Get(':template')
  @Header('content-type', HTML)
  @Header('content-security-policy', PAGE_POLICY)
  message(
    @Param('template') name: string,
    @Query('language') requested: unknown,
    @Headers('accept-language') accepted: string | undefined,
    @Req() { pathPrefix }: FastifyRequest,
  ): string {
    const template = MAIL_TEMPLATES.find((known) => known === name);
    if (!template) throw notFound();
    const language: MailLanguage =
      MAIL_LANGUAGES.find((known) => known === requested) ?? languageOf(accepted ?? null, this.settings.MAIL_LANGUAGE);
    const samples = sampleVariables((page) => linkTo(page, 'preview-token', this.platform));
    return messagePage(template, language, this.renderer.render(template, language, samples[template]), pathPrefix);
  }
}
