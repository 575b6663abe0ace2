import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button.tsx';
import { Empty, Failure, Loaded, Skeleton } from './StateView.tsx';

export interface LoadedPagesProps<Item> {
  query: UseInfiniteQueryResult<InfiniteData<{ items: Item[] }>>;
  /** What is said when there is nothing. */
  empty: ReactNode;
  skeleton?: ReactNode;
  children: (items: Item[]) => ReactNode;
}

/** A list that is read a page at a time, with a button for the next; or what stands in its place while it loads or when it failed. */
export function LoadedPages<Item>({ query, empty, skeleton, children }: LoadedPagesProps<Item>) {
  return (
    <Loaded query={query} skeleton={skeleton ?? <Skeleton />}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0) return <Empty>{empty}</Empty>;
        return (
          <>
            {children(items)}
            <NextPage query={query} />
          </>
        );
      }}
    </Loaded>
  );
}

/** A button for the next page, as long as there is one; or why it could not be read, and a way to try again. */
function NextPage({
  query,
}: {
  query: Pick<
    UseInfiniteQueryResult,
    'error' | 'hasNextPage' | 'isFetchNextPageError' | 'isFetchingNextPage' | 'fetchNextPage'
  >;
}) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  const read = () => void query.fetchNextPage();
  if (query.isFetchNextPageError) return <Failure error={query.error} onRetry={read} />;
  return (
    <div className="state-view" style={{ padding: 12 }}>
      <Button disabled={query.isFetchingNextPage} onClick={read}>
        {t('states.more')}
      </Button>
    </div>
  );
}
