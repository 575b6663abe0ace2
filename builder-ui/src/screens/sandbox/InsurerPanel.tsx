import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { arrivalsQuery } from '../../api/queries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Empty, Loaded } from '../../ui/StateView.tsx';
import { isWaiting, queueOf, shortId, type CaseItem } from './items.ts';
import { Moves } from './Moves.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import { isOf, type Person } from './people.ts';

export interface InsurerPanelProps {
  place: string;
  plugin: string;
  person: Person | undefined;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

/** The cases of the insurer: what waits first. */
export function InsurerPanel({ place, plugin, person, chosen, onChoose }: InsurerPanelProps) {
  const { t } = useWords();
  const cases = useQuery(arrivalsQuery(place));
  return (
    <PanelFrame
      name="insurer"
      title={t('sandbox.panels.insurer')}
      subtitle={t('sandbox.cases.queue')}
      Shape={IconShieldCheck}
      plugin={plugin}
    >
      <Loaded query={cases}>
        {(all) => {
          const queue = queueOf(all as CaseItem[]);
          const shown = queue.find(({ id }) => id === chosen) ?? queue.find(isWaiting);
          if (queue.length === 0) return <Empty>{t('sandbox.cases.empty')}</Empty>;
          return (
            <>
              <div className="panel-scroll">
                <table>
                  <thead>
                    <tr>
                      <th>{t('sandbox.cases.case')}</th>
                      <th>{t('sandbox.cases.member')}</th>
                      <th>{t('sandbox.cases.asks')}</th>
                      <th className="n">{t('sandbox.cases.waits')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {queue.map((one) => (
                      <CaseLine
                        key={one.id}
                        of={one}
                        current={one === shown}
                        isTheirs={person !== undefined && isOf(person, one.subject)}
                        onChoose={onChoose}
                      />
                    ))}
                  </tbody>
                </table>
              </div>
              {shown ? <CaseFoot of={shown} place={place} /> : null}
            </>
          );
        }}
      </Loaded>
    </PanelFrame>
  );
}

function useAsks() {
  const { t } = useWords();
  return ({ kind, isAppeal, continues, plan }: CaseItem): string => {
    const what = isAppeal
      ? t('sandbox.cases.kind.appeal')
      : continues !== undefined
        ? t('sandbox.cases.kind.documents')
        : t(`sandbox.cases.kind.${kind}`);
    return `${what} · ${plan}`;
  };
}

interface CaseLineProps {
  of: CaseItem;
  current: boolean;
  isTheirs: boolean;
  onChoose: (id: string) => void;
}

function CaseLine({ of, current, isTheirs, onChoose }: CaseLineProps) {
  const { t, span } = useWords();
  const asks = useAsks();
  const state = of.state ?? '';
  return (
    <tr aria-current={current} data-theirs={isTheirs}>
      <td className="nw">
        <button type="button" className="link mono" title={of.id} onClick={() => onChoose(of.id)}>
          {shortId(of.id)}
        </button>
      </td>
      <td>{of.to}</td>
      <td className="sec">{asks(of)}</td>
      <td className="n nw">
        {isWaiting(of)
          ? span(Date.now() - Date.parse(of.at ?? ''))
          : t(`sandbox.cases.state.${state}`, { defaultValue: state })}
      </td>
    </tr>
  );
}

/** The chosen case: what is known of it, and what can be decided. */
function CaseFoot({ of, place }: { of: CaseItem; place: string }) {
  const { t, moment } = useWords();
  const asks = useAsks();
  const { documents, missing = [], reason, coverage, appealableUntil, state = '' } = of;
  const facts = [
    asks(of),
    documents.length > 0
      ? t('sandbox.cases.documents', { list: documents.join(', ') })
      : t('sandbox.cases.noDocuments'),
    ...(missing.length > 0 ? [t('sandbox.cases.missing', { list: missing.join(', ') })] : []),
    ...(reason ? [`${reason.text} (${reason.code})`] : []),
    ...(coverage ? [t('sandbox.cases.covered', { from: coverage.from })] : []),
    ...(appealableUntil === undefined ? [] : [t('sandbox.cases.appeal', { day: appealableUntil })]),
  ];
  return (
    <div className="panel-foot column">
      <div className="row wrap">
        <b className="mono" title={of.id}>
          {shortId(of.id)}
        </b>
        <b>{of.to}</b>
        <span className="tag">{t(`sandbox.cases.state.${state}`, { defaultValue: state })}</span>
        <span className="xs mut num end">{moment(of.at ?? '')}</span>
      </div>
      <div className="sm sec">{facts.join(' · ')}</div>
      <Moves key={`${of.id} ${state}`} place={place} item={of} />
    </div>
  );
}
