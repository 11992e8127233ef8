import { BadRequestException, Controller, Delete, Get, HttpCode, Module, Param, Post, Put } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../../src/access/public.decorator.js';
import { FormBody, JsonBody } from '../../src/fastapi/body/body.decorators.js';
import { IntegerField, StringField } from '../../src/fastapi/validation/field.decorators.js';
import { Deprecated } from '../../src/platform/http/deprecated.decorator.js';

/** Routes in two versions, routes that fail in different ways, and routes that take a secret. */

class GadgetPath {
  @IntegerField()
  id: number;
}

class GadgetCreate {
  @StringField({ minLength: 2 })
  label: string;

  @StringField({ secret: true, minLength: 6 })
  pin: string;
}

@ApiTags('gadgets')
@Public()
@Controller({ path: 'gadgets', version: '1' })
class GadgetsController {
  @Get('latest')
  latest(): string[] {
    return ['v1'];
  }

  @Get(':id')
  @Deprecated({
    since: new Date('2026-01-04T10:00:00Z'),
    sunset: new Date('2027-01-04T10:00:00Z'),
    successor: '/api/v2/gadgets/{id}',
  })
  @ApiOkResponse({ type: Object })
  readGadget(@Param() { id }: GadgetPath): object {
    if (id === 0) throw new BadRequestException('No such gadget');
    if (id < 0) throw new Error('broken');
    return { version: 1, id };
  }

  @Put(':id')
  replaceGadget(@Param() { id }: GadgetPath): object {
    return { version: 1, id };
  }

  @Delete(':id')
  @Deprecated({ since: new Date('2026-01-04T10:00:00Z') })
  deleteGadget(): object {
    return {};
  }

  @Get(':id/files/*')
  files(): object {
    return {};
  }

  @Post()
  @HttpCode(200)
  createGadget(@JsonBody() body: GadgetCreate): object {
    return { label: body.label };
  }

  @Post('form')
  @HttpCode(200)
  createGadgetByForm(@FormBody() body: GadgetCreate): object {
    return { label: body.label };
  }
}

@ApiTags('gadgets')
@Public()
@Controller({ path: 'gadgets', version: '2' })
class GadgetsV2Controller {
  @Get(':id')
  @ApiOkResponse({ type: Object })
  readGadget(@Param() { id }: GadgetPath): object {
    return { version: 2, id };
  }
}

/** Unintended errors of a handler. */
const FAULTS: Record<string, () => unknown> = {
  error: () => {
    throw new TypeError('SELECT password FROM users failed at /srv/app/secret.ts');
  },
  text: () => {
    throw 'SELECT password';
  },
  nothing: () => {
    throw undefined;
  },
  rejection: () => Promise.reject(new Error('SELECT password')),
  unserializable: () => ({ password: 1n }),
};

@Public()
@Controller({ path: 'faults', version: '1' })
class FaultsController {
  @Get(':kind')
  fail(@Param('kind') kind: string): unknown {
    return FAULTS[kind]?.();
  }
}

@Module({ controllers: [GadgetsController, GadgetsV2Controller, FaultsController] })
export class GadgetsModule {}
