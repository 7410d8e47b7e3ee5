SELECT n.no_id,
       n.no_comment,
       n.no_id = {slony}.getlocalnodeid({cluster}),
       EXISTS (SELECT FROM {slony}.sl_set AS s WHERE s.set_origin = n.no_id),
       (SELECT p.pa_conninfo
          FROM {slony}.sl_path AS p
         WHERE p.pa_server = n.no_id
           AND p.pa_conninfo <> '<event pending>'
         ORDER BY p.pa_client = {slony}.getlocalnodeid({cluster}) DESC, p.pa_client
         LIMIT 1)
  FROM {slony}.sl_node AS n
 WHERE n.no_active
   AND NOT n.no_failed
 ORDER BY n.no_id
