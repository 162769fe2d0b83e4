BEGIN TRANSACTION;
CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    examination TEXT,
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    versions TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
INSERT INTO "ledger" VALUES(1,'8aa35da266644ce891b8f42d9bc2248c','2026-11-26T06:45:14.526835+00:00','eva','begin','{"mode":"casework","photos":[{"extension":".bmp","frame_time_s":null,"name":"plate_1.bmp","sha256":"7053b982edbb8bf80085d5a42ce862218cd4a264db48201513b3d9b0c4b19545"},{"extension":".bmp","frame_time_s":null,"name":"plate_2.bmp","sha256":"5e0c23c2a497a13d241c06e498f0ed4afe17bc56812bfcc9a2e290050d87deb7"}],"title":"Exhibit 1"}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','0000000000000000000000000000000000000000000000000000000000000000','b203ce0766ad86068e7d64b4e3ae20d506407be549b4b7d2f9dda5bc4eddcc1a');
INSERT INTO "ledger" VALUES(2,'8aa35da266644ce891b8f42d9bc2248c','2026-11-26T06:45:14.532691+00:00','eva','draw_line','{"act":"draw_line","count":2,"place":{"frame":0,"quad":[[0,0],[40,0],[40,20],[0,20]]}}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','b203ce0766ad86068e7d64b4e3ae20d506407be549b4b7d2f9dda5bc4eddcc1a','a5f519eca4105234059c363cc3421184ffb6ef35081d5984c38cbbaef2df0810');
INSERT INTO "ledger" VALUES(3,'8aa35da266644ce891b8f42d9bc2248c','2026-11-26T06:45:14.536141+00:00','eva','observe','{"act":"observe","position":1,"reading":{"alternatives":[],"reading":"A","reason":"","state":"definite"}}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','a5f519eca4105234059c363cc3421184ffb6ef35081d5984c38cbbaef2df0810','8feddb8c94125d892b568430385b6c0ef7e2e9aee470ea95a2cdd44cf85dfee0');
INSERT INTO "ledger" VALUES(4,'8aa35da266644ce891b8f42d9bc2248c','2026-11-26T06:45:14.540135+00:00','eva','observe','{"act":"observe","position":2,"reading":{"alternatives":[],"reading":"A","reason":"","state":"definite"}}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','8feddb8c94125d892b568430385b6c0ef7e2e9aee470ea95a2cdd44cf85dfee0','4ce68c1a742bfb394a491caec5119a9817496701cf498307cda434cfe6787e06');
INSERT INTO "ledger" VALUES(5,'8aa35da266644ce891b8f42d9bc2248c','2026-11-26T06:45:14.540711+00:00','eva','lock','{"act":"lock"}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','4ce68c1a742bfb394a491caec5119a9817496701cf498307cda434cfe6787e06','fd66e5086dbf86510fcc9cec5f61cde80b46913e63f71d0e1e344793a74831fd');
INSERT INTO "ledger" VALUES(6,'8aa35da266644ce891b8f42d9bc2248c','2026-11-26T06:45:14.542798+00:00','machine','proposal','{"proposal_sha256":"f25277dbe466d382d75d39f8e2d66602c6841a668c1722708d627e85d32da511"}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','fd66e5086dbf86510fcc9cec5f61cde80b46913e63f71d0e1e344793a74831fd','a46104a877b1e8561128724f3390f8a655fcf5b5e01e2dc2b8b21d98d7ad0756');
INSERT INTO "ledger" VALUES(7,'8aa35da266644ce891b8f42d9bc2248c','2026-11-26T06:45:14.544458+00:00','eva','reveal','{"act":"reveal","positions":[{"index":0,"line":0,"place":{"frame":0,"quad":[[0.0,0.0],[20.0,0.0],[20.0,20.0],[0.0,20.0]]}},{"index":1,"line":0,"place":{"frame":0,"quad":[[20.0,0.0],[40.0,0.0],[40.0,20.0],[20.0,20.0]]}}],"proposal_sha256":"f25277dbe466d382d75d39f8e2d66602c6841a668c1722708d627e85d32da511"}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','a46104a877b1e8561128724f3390f8a655fcf5b5e01e2dc2b8b21d98d7ad0756','3806765b28b21077ff44d7b74e88766e9e50de98ec5bd06547820cc43b94ed9b');
INSERT INTO "ledger" VALUES(8,'8aa35da266644ce891b8f42d9bc2248c','2026-11-26T06:45:14.544919+00:00','eva','decide','{"act":"decide","position":1,"reading":{"alternatives":[],"reading":"B","reason":"","state":"definite"}}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','3806765b28b21077ff44d7b74e88766e9e50de98ec5bd06547820cc43b94ed9b','f2c0d3b1796d8d944e4a6b0656cfe168d621f134fb8fdbf96029fd9d517fe162');
INSERT INTO "ledger" VALUES(9,'1050a327cc424f0884b6d16f4940ef9f','2026-11-26T06:45:14.546109+00:00','eva','begin','{"mode":"training","photos":[{"extension":".bmp","frame_time_s":null,"name":"plate_1.bmp","sha256":"7053b982edbb8bf80085d5a42ce862218cd4a264db48201513b3d9b0c4b19545"}],"title":"Exercise"}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','f2c0d3b1796d8d944e4a6b0656cfe168d621f134fb8fdbf96029fd9d517fe162','2ce8fd9cfcf0a9202d3cdd6443478a46ed2fb46c1a27c1312e6f5111009708f2');
INSERT INTO "ledger" VALUES(10,'1050a327cc424f0884b6d16f4940ef9f','2026-11-26T06:45:14.546897+00:00','eva','draw_line','{"act":"draw_line","count":1,"place":{"frame":0,"quad":[[0,0],[40,0],[40,20],[0,20]]}}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','2ce8fd9cfcf0a9202d3cdd6443478a46ed2fb46c1a27c1312e6f5111009708f2','159917b0e34431473ba861bbf358a50cd67e16e8bd8bfc10d7b0dd4b5730b130');
INSERT INTO "ledger" VALUES(11,'1050a327cc424f0884b6d16f4940ef9f','2026-11-26T06:45:14.547321+00:00','eva','undo','{"act":"undo"}','{"marking-examination-assistant":"0.1.0","numpy":"2.4.6","opencv-python-headless":"5.0.0.93","python":"3.11.7"}','159917b0e34431473ba861bbf358a50cd67e16e8bd8bfc10d7b0dd4b5730b130','144f7ba771be1c7530ca78ccb8d2e0348141af26443519ce004add1f043ebac4');
CREATE TABLE proposals (
    seq INTEGER PRIMARY KEY REFERENCES ledger (seq),
    content TEXT NOT NULL
) STRICT;
INSERT INTO "proposals" VALUES(6,'{"alphabet":null,"error":null,"lines":[{"arc":null,"best":"QZJX","by_reader":{"marks":"QZJX"},"frame":0,"mirrored":false,"positions":[{"box":[[0,0],[20,0],[20,20],[0,20]],"candidate_set":[],"candidates":[{"glyph":"Q","p":0.75},{"glyph":"","p":0.2}],"log10_likelihoods":[],"photos":[],"state":"proposed"},{"box":[[20,0],[40,0],[40,20],[20,20]],"candidate_set":[],"candidates":[{"glyph":"Q","p":0.75},{"glyph":"","p":0.2}],"log10_likelihoods":[],"photos":[],"state":"proposed"}],"quad":[[0,0],[500,0],[500,20],[0,20]],"readings":[],"text":"QZJX"}],"photos":[{"aligned":true,"error":null,"frame_time_s":null,"orientation":1,"path":"plate_1.bmp","sha256":"7053b982edbb8bf80085d5a42ce862218cd4a264db48201513b3d9b0c4b19545"},{"aligned":true,"error":null,"frame_time_s":null,"orientation":1,"path":"plate_2.bmp","sha256":"5e0c23c2a497a13d241c06e498f0ed4afe17bc56812bfcc9a2e290050d87deb7"}],"readers":{"marks":"1"},"schema":1,"seconds":0.5,"series":"series","validation":""}');
CREATE INDEX ledger_by_examination ON ledger (examination, seq);
CREATE INDEX ledger_by_kind ON ledger (kind, examination, seq);
CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no line is changed'); END;
CREATE TRIGGER ledger_refuses_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no line is removed'); END;
CREATE TRIGGER ledger_refuses_insert BEFORE INSERT ON ledger
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM ledger)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: a line goes after the last one'); END;
CREATE TRIGGER proposals_refuse_update BEFORE UPDATE ON proposals
BEGIN SELECT RAISE(ABORT, 'a kept proposal is not changed'); END;
CREATE TRIGGER proposals_refuse_delete BEFORE DELETE ON proposals
BEGIN SELECT RAISE(ABORT, 'a kept proposal is not removed'); END;
COMMIT;
PRAGMA user_version=1;
