// The package has no types of its own: what we use of it.
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as NetServer, Socket } from 'node:net';

  interface Pdu {
    command: string;
    command_status: number;
    sequence_number: number;
    [field: string]: unknown;
    toBuffer(): Buffer;
    response(fields?: Record<string, unknown>): Pdu;
  }
  interface Session extends EventEmitter {
    socket: Socket;
    /** False when the socket cannot be written to. */
    send(pdu: Pdu, onResponse?: (response: Pdu) => void): boolean;
    close(): void;
    destroy(): void;
    on(event: 'close', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    on(event: string, listener: (pdu: Pdu) => void): this;
  }
  interface Server extends NetServer {
    sessions: Session[];
  }
  interface Smpp {
    Session: new (options: { socket: Socket }) => Session;
    PDU: {
      new (command: string | Buffer, fields?: Record<string, unknown>): Pdu;
      /** Reads a message whose length, itself of four octets, was read; false when it is not all there. */
      fromStream(stream: Socket, length: number): Pdu | false;
    };
    createServer(onSession: (session: Session) => void): Server;
    addTLV(name: string, options: { id: number; type: unknown }): void;
    types: { tlv: { string: unknown } };
  }
  const smpp: Smpp;
  export default smpp;
  export type { Pdu, Server, Session };
}
