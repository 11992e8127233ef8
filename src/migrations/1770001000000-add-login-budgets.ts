import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The network by which limits count an address: an IPv4 address or an IPv6 /64. NULL for any other text. */
const CLIENT_NETWORK = `
  CREATE FUNCTION client_network(address text) RETURNS cidr LANGUAGE plpgsql IMMUTABLE STRICT
  SET search_path = pg_catalog, pg_temp AS $$
  BEGIN
    RETURN network(set_masklen(address::inet, CASE family(address::inet) WHEN 6 THEN 64 ELSE 32 END));
  EXCEPTION WHEN invalid_text_representation THEN
    RETURN NULL;
  END $$`;

/**
 * Runs when a session is opened and when a refresh comes from another address. Keeps at most 50 former networks, for 30
 * days, because a client with many networks could refresh from each of them. The function does not depend on the search
 * path of the caller.
 */
const recordSessionNetwork = (schema: string): string => `
  CREATE FUNCTION record_session_network() RETURNS trigger LANGUAGE plpgsql SET search_path = ${schema}, pg_temp AS $$
  BEGIN
    IF TG_OP = 'UPDATE' THEN
      UPDATE session_networks SET left_at = OLD.last_used_at WHERE session_id = NEW.id AND left_at IS NULL;
      DELETE FROM session_networks WHERE session_id = NEW.id AND (
        left_at < now() - interval '30 days'
        OR network IN (SELECT network FROM session_networks WHERE session_id = NEW.id ORDER BY left_at DESC OFFSET 50));
    END IF;
    INSERT INTO session_networks (session_id, user_id, network)
    SELECT NEW.id, NEW.user_id, network FROM client_network(NEW.address) AS network WHERE network IS NOT NULL
        ON CONFLICT (session_id, network) DO UPDATE SET left_at = NULL;
    RETURN NULL;
  END $$`;

/**
 * Adds budgets of failed sign-ins that strangers cannot use up. `rate_limits.places` stores the client of each attempt
 * in an account's budget. `session_networks` stores the networks from which each session was used. Triggers write it,
 * so that sessions of the previous release, which uses the same database during a reload, are recorded too.
 */
export class AddLoginBudgets1770001000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE rate_limits ADD COLUMN places jsonb NOT NULL DEFAULT '{}'`);
    await runner.query(`
      CREATE TABLE session_networks (
        session_id uuid NOT NULL,
        user_id integer NOT NULL,
        network cidr NOT NULL,
        left_at timestamptz,
        CONSTRAINT pk_session_networks PRIMARY KEY (session_id, network),
        CONSTRAINT fk_session_networks_session_id FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
      )`);
    await runner.query('CREATE INDEX ix_session_networks_user_id_network ON session_networks (user_id, network)');
    await runner.query(CLIENT_NETWORK);
    const [{ schema = '' } = {}] = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as {
      schema?: string;
    }[];
    await runner.query(recordSessionNetwork(schema));
    await runner.query(`
      CREATE TRIGGER sessions_network_opened AFTER INSERT ON sessions
        FOR EACH ROW EXECUTE FUNCTION record_session_network()`);
    await runner.query(`
      CREATE TRIGGER sessions_network_changed AFTER UPDATE OF address ON sessions
        FOR EACH ROW WHEN (OLD.address IS DISTINCT FROM NEW.address) EXECUTE FUNCTION record_session_network()`);
    await runner.query(`
      INSERT INTO session_networks (session_id, user_id, network)
      SELECT id, user_id, client_network(address) FROM sessions WHERE client_network(address) IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER sessions_network_changed ON sessions');
    await runner.query('DROP TRIGGER sessions_network_opened ON sessions');
    await runner.query('DROP FUNCTION record_session_network()');
    await runner.query('DROP TABLE session_networks');
    await runner.query('DROP FUNCTION client_network(text)');
    await runner.query('ALTER TABLE rate_limits DROP COLUMN places');
  }
}
