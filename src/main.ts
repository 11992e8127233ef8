import { endWith } from './exit.js';
import { loadEnvironment } from './platform/config/load-environment.js';
import { unsupportedNode } from './platform/config/node-support.js';
import { createLogger } from './platform/logging/logger.js';
import { type Service, serve } from './serve.js';

try {
  const { environment, warnings } = loadEnvironment(process.env);
  const logger = createLogger({ level: environment.LOG_LEVEL, readable: environment.DEBUG });
  for (const warning of warnings) logger.warn(warning);
  const outdated = unsupportedNode(process.versions.node, new Date());
  if (outdated) logger.warn(outdated);
  let service: Service | undefined;
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1); // A second signal forces.
      stopping = true;
      if (!service) process.exit(0); // Nothing is in flight yet; what was begun ends with the process.
      logger.info(`${signal}: finishing what is in flight`);
      service.close().then(() => process.exit(0), endWith);
    });
  }
  service = await serve(environment, logger);
  process.send?.('ready');
} catch (error) {
  endWith(error);
}
