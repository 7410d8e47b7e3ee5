SELECT n.no_id, {event} - coalesce(c.seqno, 0), round(extract(epoch FROM s.st_lag_time))
  FROM {slony}.sl_node AS n
  LEFT JOIN (SELECT con_received, max(con_seqno)
               FROM {slony}.sl_confirm
              WHERE con_origin = {slony}.getlocalnodeid({cluster})
              GROUP BY con_received) AS c (received, seqno) ON c.received = n.no_id
  LEFT JOIN {slony}.sl_status AS s ON s.st_received = n.no_id
 WHERE n.no_id <> {slony}.getlocalnodeid({cluster})
   AND n.no_active
   AND NOT n.no_failed
   AND coalesce(c.seqno, 0) < {event}
 ORDER BY n.no_id
