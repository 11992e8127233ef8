import type { Type } from '@nestjs/common';
import { withDatabase } from './with-database.js';

/**
 * Runs the work of a command with a service of `CommandsModule`.
 *
 * @param load imports the service's class, only when the command runs
 */
export async function withService<Service, T>(
  variables: NodeJS.ProcessEnv,
  load: () => Promise<Type<Service>>,
  work: (service: Service) => Promise<T>,
): Promise<T> {
  return withDatabase(variables, async (context) => {
    const { NestFactory } = await import('@nestjs/core');
    const { NestLogger } = await import('../platform/logging/nest-logger.js');
    const { CommandsModule } = await import('./commands.module.js');
    const logger = new NestLogger(context.logger);
    const nest = await NestFactory.createApplicationContext(CommandsModule.forRoot(context), {
      logger,
      abortOnError: false,
    });
    try {
      return await work(nest.get(await load()));
    } finally {
      await nest.close();
    }
  });
}
