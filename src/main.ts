import { endWith } from './exit.js';
import { loadEnvironment } from './platform/config/load-environment.js';
import { createLogger } from './platform/logging/logger.js';
import { serve } from './serve.js';

try {
  const { environment, warnings } = loadEnvironment(process.env);
  const logger = createLogger({ level: environment.LOG_LEVEL, readable: environment.DEBUG });
  for (const warning of warnings) logger.warn(warning);
  const service = await serve(environment, logger);
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1); // A second signal forces.
      stopping = true;
      logger.info(`${signal}: finishing what is in flight`);
      service.close().then(() => process.exit(0), endWith);
    });
  }
  process.send?.('ready');
} catch (error) {
  endWith(error);
}
