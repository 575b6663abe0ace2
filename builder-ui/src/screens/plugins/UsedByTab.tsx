import { Link } from '@tanstack/react-router';
import type { Plugin } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Empty, Failure, Skeleton } from '../../ui/StateView.tsx';
import { useUses } from './used-by.ts';

/** The journeys that have steps of a plugin. */
export function UsedByTab({ plugin }: { plugin: Plugin }) {
  const { t, text, number } = useWords();
  const { uses, error } = useUses(plugin.id);
  if (error) return <Failure error={error} />;
  if (!uses) return <Skeleton />;
  if (uses.length === 0) return <Empty>{t('plugins.notUsed')}</Empty>;
  return (
    <section className="panel scroll-x">
      <table className="two">
        <thead>
          <tr>
            <th>{t('journeys.journey')}</th>
            <th>{t('plugins.usedPublished')}</th>
            <th>{t('plugins.usedDraft')}</th>
            <th className="n">{t('plugins.usedPeople')}</th>
          </tr>
        </thead>
        <tbody>
          {uses.map(({ journey, published, draft }) => (
            <tr key={journey.key}>
              <td>
                <Link to="/journeys/$key" params={{ key: journey.key }}>
                  <b>{text(journey.name)}</b>
                </Link>
                <div className="mono mut xs">{journey.key}</div>
              </td>
              <td>
                {journey.latestVersion === null || published.length === 0 ? (
                  <span className="mut">–</span>
                ) : (
                  <>
                    <span className="tag line num">v{journey.latestVersion}</span>{' '}
                    {published.join(', ')}
                  </>
                )}
              </td>
              <td>{draft.length === 0 ? <span className="mut">–</span> : draft.join(', ')}</td>
              <td className="n">{number(journey.people.active + journey.people.held)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
