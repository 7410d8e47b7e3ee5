-- How far each study has come.
SELECT study.code,
       study.title,
       study.phase,
       study.target,
       study.closed,
       count(participant.id)::integer AS enrolled
  FROM study
  LEFT JOIN participant ON participant.study_id = study.id
 GROUP BY study.id, study.code
