import {
  IconAlertTriangleFilled,
  IconChevronDown,
  IconChevronUp,
  IconCircleCheckFilled,
  IconCircleXFilled,
} from '@tabler/icons-react';
import type { Diagnostic } from '../document/engine.ts';
import { titleOf } from '../document/summaries.ts';
import { useManifests } from '../api/queries.ts';
import { useWords, type Words } from '../i18n/use-words.ts';
import { IconButton } from '../ui/Button.tsx';
import { useEditorTools } from './actions-context.ts';
import { useDocument, useEditor, useEditorStore } from './store.ts';

/** What is wrong, in the language on screen: the finding's own sentence in English, else the sentence of its code. */
export function problemText(finding: Diagnostic, words: Words): string {
  if (words.language === 'en') return finding.message;
  return words.t(`diagnostics.${finding.code}`, {
    ...finding.values,
    defaultValue: finding.message,
  });
}

/** Every finding about the draft, one line each. */
export function Problems() {
  const words = useWords();
  const { t } = words;
  const editor = useEditorStore();
  const findings = useEditor((state) => state.diagnostics);
  const checkedAt = useEditor((state) => state.checkedAt);
  const open = useEditor((state) => state.problemsOpen);
  const document = useDocument();
  const errors = findings?.filter((finding) => finding.severity === 'error').length ?? 0;
  const warnings = (findings?.length ?? 0) - errors;
  const Chevron = open ? IconChevronDown : IconChevronUp;
  return (
    <section className="problems" aria-label={t('problems.title')}>
      <header>
        <b>{t('problems.title')}</b>
        {errors > 0 ? (
          <span className="st bad sm">
            <IconCircleXFilled size={14} aria-hidden />
            {t('problems.errors', { count: errors })}
          </span>
        ) : null}
        {warnings > 0 ? (
          <span className="st warn sm">
            <IconAlertTriangleFilled size={14} aria-hidden />
            {t('problems.warnings', { count: warnings })}
          </span>
        ) : null}
        {findings?.length === 0 ? (
          <span className="st ok sm">
            <IconCircleCheckFilled size={14} aria-hidden />
            {t('problems.none')}
          </span>
        ) : null}
        <span className="xs mut num cut">
          {checkedAt === undefined
            ? t('problems.checking')
            : t('problems.checked', { time: words.clock(checkedAt) })}
          {' · '}
          {t('problems.steps', { count: Object.keys(document.steps).length })},{' '}
          {t('problems.edges', { count: document.edges.length })}
        </span>
        <span className="xs mut end wide-part">{t('problems.next')}</span>
        <IconButton
          label={t(open ? 'problems.close' : 'problems.open')}
          aria-expanded={open}
          onClick={() => editor.setState({ problemsOpen: !open })}
        >
          <Chevron size={15} />
        </IconButton>
      </header>
      {open && findings?.length !== 0 ? (
        <ul>
          {findings?.map((finding, index) => (
            <Line key={`${finding.code}${finding.pointer}${index}`} finding={finding} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function Line({ finding }: { finding: Diagnostic }) {
  const words = useWords();
  const document = useDocument();
  const manifests = useManifests();
  const { actions, goTo } = useEditorTools();
  const { stepId, severity, fix, code } = finding;
  const step = stepId === undefined ? undefined : document.steps[stepId];
  const Shape = severity === 'error' ? IconCircleXFilled : IconAlertTriangleFilled;
  return (
    <li>
      <span className={`st ${severity === 'error' ? 'bad' : 'warn'}`}>
        <Shape size={14} aria-label={words.t(`problems.${severity}`)} />
      </span>
      <button
        type="button"
        className="link plain"
        onClick={() => goTo(stepId !== undefined && step ? stepId : '')}
      >
        {stepId !== undefined && step
          ? titleOf(stepId, step, manifests, words)
          : words.t('problems.journey')}
      </button>
      <span className="grow problem-text" title={finding.message}>
        {problemText(finding, words)}
      </span>
      <span className="mono mut xs wide-part">{code}</span>
      {fix ? (
        <button
          type="button"
          className="link"
          title={fix.title}
          onClick={() => actions.mend(finding)}
        >
          {words.language === 'en' ? fix.title : words.t('problems.fix')}
        </button>
      ) : null}
    </li>
  );
}
