import { PluginError, type PluginContext } from '@sojourn/plugin-kit';

/** Settings of a connection `http/api`. */
export interface ApiSettings {
  baseUrl: string;
  auth?: 'none' | 'bearer' | 'basic';
  token?: string;
  username?: string;
  password?: string;
  callbackSecret?: string;
  /** One a line, `Name: value`, or an object. */
  headers?: string | Record<string, unknown>;
}

/** A connection's settings. They were checked against the schema when they were stored. */
export function settingsOf(context: PluginContext): ApiSettings {
  return context.connection.settings as unknown as ApiSettings;
}

/** The headers that every request of a connection carries, with its credentials. Throws `PluginError` of kind `config`. */
export function headersOf(settings: ApiSettings): [name: string, value: string][] {
  const { auth = 'none', token, username = '', password = '' } = settings;
  const own = ownHeaders(settings.headers);
  if (auth === 'none') return own;
  if (auth === 'basic')
    return [
      ...own,
      ['authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`],
    ];
  if (token === undefined) throw wrong('the connection signs in with a token, and has none');
  return [...own, ['authorization', `Bearer ${token}`]];
}

/** What must never leave in an output, whoever sends it back. */
export function secretsOf(settings: ApiSettings): string[] {
  const { token, password, callbackSecret } = settings;
  const values = headersOf(settings).map(([, value]) => value.replace(/^(Basic|Bearer) /, ''));
  return [token, password, callbackSecret, ...values]
    .filter((secret): secret is string => secret !== undefined && secret.length >= 6)
    .sort((a, b) => b.length - a.length);
}

function ownHeaders(given: ApiSettings['headers']): [string, string][] {
  if (typeof given === 'object')
    return Object.entries(given).map(([name, value]) => header(name, value));
  return (given ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', value = ''] = /^([^:]*):(.*)$/.exec(line.trim()) ?? [];
      return header(name, value);
    });
}

/** A header whose name and value can be sent. Which one is wrong is said; its value is not. */
function header(name: string, value: unknown): [string, string] {
  const text = typeof value === 'string' ? value.trim() : undefined;
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name.trim()))
    throw wrong("a header of the connection has no proper name: write it as 'X-Api-Key: abc'");
  if (text === undefined || !/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text))
    throw wrong(`the connection's header '${name.trim()}' has a value that cannot be sent`);
  return [name.trim().toLowerCase(), text];
}

function wrong(detail: string): PluginError {
  return new PluginError({ code: 'connection-invalid', kind: 'config', detail });
}
