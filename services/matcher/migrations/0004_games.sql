create index chain_logs_games on chain_logs ((args -> 'game' ->> 'id')) where name = 'GameOpened';
