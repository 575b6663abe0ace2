import { IconAlertTriangleFilled, IconRefresh } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client.ts';
import { Button } from './Button.tsx';

/** Lines with the height of what will stand there. */
export function Skeleton({ rows = 6, height = 34 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('states.loading')} className="col" style={{ padding: 14 }}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="bone" style={{ height: height - 12 }} />
      ))}
    </div>
  );
}

/** What would be here, and what to do about it. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="state-view">
      <p>{children}</p>
      {action}
    </div>
  );
}

/** What failed, under which request id, and a way to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const known = error instanceof ApiError ? error : undefined;
  const detail = error instanceof Error ? error.message : String(error);
  return (
    <div className="state-view" role="alert">
      <IconAlertTriangleFilled size={20} color="var(--bad)" aria-hidden />
      <p>
        <b>{known?.status === 0 ? t('states.noAnswer') : t('states.failed')}</b>
        {known?.status === 0 ? null : <span className="sec"> {detail}</span>}
      </p>
      {known?.requestId === undefined ? null : (
        <p className="mono mut xs">{t('states.requestId', { id: known.requestId })}</p>
      )}
      {onRetry ? (
        <Button icon={<IconRefresh size={15} />} onClick={onRetry}>
          {t('states.retry')}
        </Button>
      ) : null}
    </div>
  );
}

export interface LoadedProps<Data> {
  query: Pick<UseQueryResult<Data>, 'data' | 'error' | 'isPending' | 'refetch'>;
  skeleton?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** The data of a query, or what stands in its place while it loads or when it failed. */
export function Loaded<Data>({ query, skeleton, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return skeleton ?? <Skeleton />;
}
