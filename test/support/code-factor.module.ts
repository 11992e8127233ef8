import { Controller, Injectable, Module, Post } from '@nestjs/common';
import { Public } from '../../src/access/public.decorator.js';
import { type Factor, type FactorRequest, SignInFactor } from '../../src/auth/sign-in/factors/factor.js';
import { PasswordSignIn } from '../../src/auth/sign-in/password-sign-in.js';
import { SignInFlow, type SignInResult } from '../../src/auth/sign-in/sign-in.flow.js';
import { confirmationLimit, loginLimit } from '../../src/auth/sign-in/sign-in.limits.js';
import { SignInModule } from '../../src/auth/sign-in/sign-in.module.js';
import { JsonBody } from '../../src/fastapi/body/body.decorators.js';
import { StringField } from '../../src/fastapi/validation/field.decorators.js';
import { type Caller, CurrentCaller } from '../../src/platform/http/caller.js';
import { defineError } from '../../src/platform/http/error-catalogue.js';
import { RateLimit } from '../../src/platform/rate-limit/rate-limit.decorator.js';
import type { User } from '../../src/users/user.entity.js';

/** The correct code. */
export const CODE = '246810';

const wrongCode = defineError({
  code: 'probe.wrong_code',
  status: 400,
  detail: 'Incorrect code',
  about: 'The code is incorrect.',
});

/** A second factor with one fixed code, for the accounts that a test enrols. */
@SignInFactor('code')
@Injectable()
export class CodeFactor implements Factor {
  readonly kind = 'possession';
  readonly amr = 'otp';
  readonly wrongAnswer = { error: wrongCode, action: 'password.refused' } as const;
  readonly enrolled = new Set<number>();

  async isEnrolled({ id }: User): Promise<boolean> {
    return this.enrolled.has(id);
  }

  async begin({ sessionId }: FactorRequest): Promise<object> {
    return { hint: `six digits for ${sessionId}` };
  }

  async verify(_request: FactorRequest, answer: unknown): Promise<boolean> {
    return answer === CODE;
  }
}

export class CodeRequest {
  @StringField({ maxLength: 4000 })
  attempt_token: string;

  @StringField({ maxLength: 20, default: 'code' })
  factor: string;

  @StringField({ maxLength: 20, secret: true, default: '' })
  code: string;
}

export class NameAndPassword {
  @StringField({ maxLength: 50 })
  username: string;

  @StringField({ maxLength: 72, secret: true })
  password: string;
}

/** Routes that answer a challenge, which the service does not have yet. */
@Public()
@Controller({ path: 'probe/sign-in', version: '1' })
export class CodeController {
  constructor(
    private readonly password: PasswordSignIn,
    private readonly flow: SignInFlow,
  ) {}

  @Post()
  @RateLimit(loginLimit)
  async start(@JsonBody() body: NameAndPassword, @CurrentCaller() caller: Caller): Promise<SignInResult> {
    return this.flow.start(await this.password.verify(body, caller), { caller });
  }

  @Post('begin')
  async begin(@JsonBody() body: CodeRequest, @CurrentCaller() caller: Caller): Promise<object> {
    return this.flow.begin(body.attempt_token, body.factor, caller);
  }

  @Post('advance')
  @RateLimit(confirmationLimit)
  async advance(
    @JsonBody() { attempt_token, factor, code }: CodeRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<SignInResult> {
    return this.flow.advance(attempt_token, { factor, answer: code }, { caller });
  }
}

@Module({ imports: [SignInModule], controllers: [CodeController], providers: [CodeFactor] })
export class CodeFactorModule {}
