-- How far each study has come.

CREATE VIEW study_progress AS
SELECT study.code,
       study.title,
       study.phase,
       study.target,
       study.closed_at IS NOT NULL AND study.closed_at <= now() AS closed,
       count(participant.id)::integer AS enrolled
FROM study
LEFT JOIN participant ON participant.study = study.code
GROUP BY study.code;
