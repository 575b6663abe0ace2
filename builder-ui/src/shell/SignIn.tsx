import { IconKey } from '@tabler/icons-react';
import { Trans, useTranslation } from 'react-i18next';
import { Button } from '../ui/Button.tsx';

/** What somebody sees who is not signed in. */
export function SignIn({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <main className="gate">
      <div className="panel">
        <img src="/icon.svg" width={32} height={32} alt="" />
        <h1>{t('signIn.title')}</h1>
        <p className="sec">
          <Trans i18nKey="signIn.how" components={{ code: <code className="mono" /> }} />
        </p>
        <p className="hint">{t('signIn.once')}</p>
        <div>
          <Button icon={<IconKey size={15} />} onClick={onRetry}>
            {t('signIn.retry')}
          </Button>
        </div>
      </div>
    </main>
  );
}
