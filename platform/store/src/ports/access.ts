import type { Json } from '@sojourn/engine';
import type { Page, PageRequest } from './pages.ts';

// Who may do what, and what they did.

export interface UserRecord {
  id: string;
  name: string;
  email?: string;
  role: 'owner';
  createdAt: number;
}

/** A session, a bearer token or a sign-in link: only the hash of its secret is stored. */
export interface CredentialRecord {
  hash: string;
  kind: 'session' | 'token' | 'sign-in';
  userId: string;
  createdAt: number;
  expiresAt?: number;
}

export interface AccessStore {
  putUser(user: UserRecord): Promise<void>;
  user(id: string): Promise<UserRecord | undefined>;
  owner(): Promise<UserRecord | undefined>;
  putCredential(credential: CredentialRecord): Promise<void>;
  credential(hash: string, now: number): Promise<CredentialRecord | undefined>;
  /** Removes it and answers it when it stood and had not expired: a sign-in link works once. */
  takeCredential(hash: string, now: number): Promise<CredentialRecord | undefined>;
}

export interface AuditRecord {
  id: string;
  at: number;
  by: string;
  what: string;
  target: string;
  before?: Json;
  after?: Json;
  why?: string;
  requestId?: string;
}

export interface AuditStore {
  append(record: AuditRecord): Promise<void>;
  /** Latest first. */
  list(filter: { target?: string }, page: PageRequest): Promise<Page<AuditRecord>>;
}
