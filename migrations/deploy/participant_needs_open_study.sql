RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (SELECT FROM study WHERE id = NEW.study_id AND closed_at <= now()) THEN
        RAISE EXCEPTION 'study % is closed', (SELECT code FROM study WHERE id = NEW.study_id)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'participant_needs_open_study';
    END IF;
    RETURN NEW;
END
$body$
