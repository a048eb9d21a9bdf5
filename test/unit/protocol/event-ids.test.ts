import { isObject, type JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { eventFixtures, fixture, routeOf } from "../../support/fixtures.ts";
import { understood } from "../../support/reports.ts";

/*
 * Stored events are found by their ids, and every runtime must compute the same ones. A change here doubles the events
 * whose reports are repeated after an upgrade.
 */

const faces = ["recognize_face", "recognize_face_image", "crossFacePhoto"];
const scenes = ["spot_pic", "spot_image", "crossSrcPhoto"];

/** A body without some members, at its root and one level deeper. */
function without(names: readonly string[], body: JsonObject): JsonObject {
  const kept = Object.entries(body).filter(([name]) => !names.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isObject(value) && name !== "identity_info" ? without(names, value) : value]),
  );
}

/** A body of a box whose clock was never set. */
function unset(body: JsonObject): JsonObject {
  return { ...body, ...("crossTime" in body ? { crossTime: 1000 } : { timestamp: 1000 }) };
}

const idsOf = (dialect: string, body: JsonObject) => {
  const { eventId, twinId, earlier } = understood(body, { box: "gate-1", route: routeOf(dialect) });
  return `${eventId} ${earlier?.twinId ?? twinId}`;
};

const forms: Record<string, (body: JsonObject) => JsonObject> = {
  "with an unset clock": unset,
  "without a face": (body) => without(faces, body),
  "without a picture": (body) => without([...faces, ...scenes], body),
  "with an unset clock and without a picture": (body) => unset(without([...faces, ...scenes], body)),
};

const strangers = eventFixtures().filter(
  ([dialect, name]) => name === (dialect === "root-facts" ? "minimal" : "stranger"),
);

/** The id of the event of each body, and the id of its twin; without a face, of the twin that older builds made. */
const pinned: Record<string, string> = {
  "history-flat complete": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_rkfa3ef74sq9dfvqnrf98qkccd",
  "history-flat minimal": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_gj8zqc6be7f9wgwfvs9gc1jam0",
  "history-flat printed": "evt_95c1qpxnavsfrtvycn9mr1a8ay evt_t7ad2ay5h8k5hvs4rd682ybhrd",
  "history-flat register-stranger": "evt_2geref8v2bs09mc5j8ryzz9r2d evt_sjrfc8tfsjvxvg4r16psr7f7ee",
  "history-flat stranger": "evt_2geref8v2bs09mc5j8ryzz9r2d evt_sjrfc8tfsjvxvg4r16psr7f7ee",
  "history-flat update-photo": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_rkfa3ef74sq9dfvqnrf98qkccd",
  "history-flat without-ep-info": "evt_02y2hq3tg25pbhhj65tbx6d4ww evt_jysd2m67n4yzntawgn3zmvs7td",
  "history-flat wrong-types": "evt_7apfyd8rjbjkkndg4310dntyt0 evt_6b5c9gw84bmqhaeqqaq668wqn2",
  "history-nested async-printed": "evt_s7x7ebg2kahb0c8edc4gvke423 evt_6sdx34b2cpmfqc0676e32y97em",
  "history-nested async-with-info": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_655y0wrhh4fs9k9h22wcdwg9yw",
  "history-nested complete": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_655y0wrhh4fs9k9h22wcdwg9yw",
  "history-nested minimal": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_6nmgqjt6wgn1hq2qspftgbzddr",
  "history-nested printed": "evt_s7x7ebg2kahb0c8edc4gvke423 evt_6sdx34b2cpmfqc0676e32y97em",
  "history-nested register-stranger-too-poor": "evt_7ck2mm3pm4489kne6c23jfks7q evt_a4m4nh7bt9ng3z6wpwhvc225h3",
  "history-nested register-stranger": "evt_7ck2mm3pm4489kne6c23jfks7q evt_a4m4nh7bt9ng3z6wpwhvc225h3",
  "history-nested stranger": "evt_7ck2mm3pm4489kne6c23jfks7q evt_a4m4nh7bt9ng3z6wpwhvc225h3",
  "history-nested update-photo": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_655y0wrhh4fs9k9h22wcdwg9yw",
  "history-nested without-action": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_655y0wrhh4fs9k9h22wcdwg9yw",
  "history-nested without-ids": "evt_q86sfbepmnf9he47w4hxefrmzc evt_gqvrz2z61xwjskawv49c46fq7q",
  "history-nested wrong-types": "evt_fbdxrfkab6dj4jkdrnqz06k71n evt_9qdfrat0rf448g2s64natdt3b0",
  "history-v6 complete": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_rkfa3ef74sq9dfvqnrf98qkccd",
  "history-v6 minimal": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_xv69yeq46be2z7w7gew3n1hm95",
  "history-v6 printed": "evt_mmd2p5k7re6gqkfm1ddnsjnbz3 evt_qb892bmmrvzz0wrhn8rmggmekj",
  "history-v6 register-stranger": "evt_2geref8v2bs09mc5j8ryzz9r2d evt_sjrfc8tfsjvxvg4r16psr7f7ee",
  "history-v6 stranger": "evt_2geref8v2bs09mc5j8ryzz9r2d evt_sjrfc8tfsjvxvg4r16psr7f7ee",
  "history-v6 update-photo": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_rkfa3ef74sq9dfvqnrf98qkccd",
  "history-v6 wrong-types": "evt_pn7w5nvpyzb6r22fb4syc5dqqj evt_k9eswhvkn2ezh8vyx07w0cswah",
  "platform-a as-tabled": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_bxbjjc9m78y01hn1xfkq4s6rpw",
  "platform-a complete": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_655y0wrhh4fs9k9h22wcdwg9yw",
  "platform-a minimal": "evt_swx9a4agqvdah2sdqgsr8bsqdx evt_mjn23qcx18972c6mphx1jy0qf3",
  "platform-a printed": "evt_4k5pwr125rpkw57dyy3g4qank7 evt_ea7jbyqqe0bgykxz77t6qsrjs2",
  "platform-a stranger": "evt_cry0m1n6x3ye1bws47t7n84jcm evt_kpqnzb16b7knnj69gb1f0j2twz",
  "platform-a wrong-types": "evt_2wfv0kstj7p7wrearaea0qjm72 evt_jgavg36s8fwx13rjbh5qfjtt5j",
  "platform-b complete": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_655y0wrhh4fs9k9h22wcdwg9yw",
  "platform-b minimal": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_w7brqq20gbbv8hvbjz0mba4v01",
  "platform-b printed": "evt_5ewpf74a128cm3cbmv2zyczh8f evt_s1vsd3fkrf2t3y749w1gyp2azh",
  "platform-b stranger": "evt_7ck2mm3pm4489kne6c23jfks7q evt_a4m4nh7bt9ng3z6wpwhvc225h3",
  "platform-b wrong-types": "evt_fbdxrfkab6dj4jkdrnqz06k71n evt_9qdfrat0rf448g2s64natdt3b0",
  "root-facts lost-nesting": "evt_yjwxnhnk7sk4vam7mw5mbn6tmc evt_5b3f1qdx1rxmpdtf57zt2fy7he",
  "root-facts lost-pass-record": "evt_87kvrff31zrgtg6cs57hp0hg53 evt_nqmcw3pt33zkaxpwd1872k7w30",
  "root-facts minimal": "evt_yjwxnhnk7sk4vam7mw5mbn6tmc evt_n21v7h56v9nv9awk9jd747d6e9",
  "root-facts wrong-types": "evt_0hyt39hcvd14vca06p1m0f8y9r evt_z2432dxagtdyngx3ejjhf4r1qz",
  "se3-realtime complete": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_7tk0rr97nfpknr0a5gssm2dkh5",
  "se3-realtime minimal": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_xtgh12qyhfsdesf3svqs2kvfgv",
  "se3-realtime printed": "evt_5ewpf74a128cm3cbmv2zyczh8f evt_ja3gbv1e03ejfrs484ny4by8xz",
  "se3-realtime stranger": "evt_bg0fjb5aznsh3c5xtf27y4b40y evt_5zew2g3r1pbecejpbt91asdggf",
  "se3-realtime wrong-types": "evt_fbdxrfkab6dj4jkdrnqz06k71n evt_55k2r4ca725b0fk0sxegx5aqfz",
  "stored-v5 complete": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_qba6ak0wkwmngs7vyrd4r2p48z",
  "stored-v5 minimal": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_vedwy28gyad95ypf0x4eessqdj",
  "stored-v5 printed": "evt_ckyp13ha53ma5ff6dq5etc9737 evt_rffxck4qjezrpnj0a59a0ez2x3",
  "stored-v5 register-stranger": "evt_2geref8v2bs09mc5j8ryzz9r2d evt_sjrfc8tfsjvxvg4r16psr7f7ee",
  "stored-v5 stranger": "evt_2geref8v2bs09mc5j8ryzz9r2d evt_sjrfc8tfsjvxvg4r16psr7f7ee",
  "stored-v5 update-photo": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_ddp6d0rrd3dj2em25qvfe0q6nh",
  "stored-v5 with-pictures": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_rkfa3ef74sq9dfvqnrf98qkccd",
  "stored-v5 wrong-types": "evt_g0wc6mtdr06d4twyfw0gjdbrm4 evt_d0avst025na81ht7n2w15zg4x9",
  "stored-v6 car": "evt_k4t0kg756xftds127f3m52gvy1 evt_nywrbk0t1gpgfz2tw24zpn0ts7",
  "stored-v6 complete": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_8x7ygxycxws62xxdqqjg2s1ath",
  "stored-v6 minimal": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_p8n0sjdnppdhb675t1kwgywd1y",
  "stored-v6 printed": "evt_n62rwgsmpn3yd8g71pcr0bys5f evt_r96vp3nk6pdprkh2xd0naj0h1n",
  "stored-v6 register-stranger": "evt_2geref8v2bs09mc5j8ryzz9r2d evt_sjrfc8tfsjvxvg4r16psr7f7ee",
  "stored-v6 stranger": "evt_2geref8v2bs09mc5j8ryzz9r2d evt_sjrfc8tfsjvxvg4r16psr7f7ee",
  "stored-v6 update-photo": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_mf2mw97q9ktrv6btja5v1yhze9",
  "stored-v6 with-pictures": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_rkfa3ef74sq9dfvqnrf98qkccd",
  "stored-v6 wrong-types": "evt_g0wc6mtdr06d4twyfw0gjdbrm4 evt_1s39npdemg86kwgzkbtcshm5rj",
  "ws-v5 complete": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_655y0wrhh4fs9k9h22wcdwg9yw",
  "ws-v5 minimal": "evt_sxv7gqb6q80fj5yae58ngqvzfx evt_26s0v502vws7067sm0qhb590b7",
  "ws-v5 printed": "evt_5ewpf74a128cm3cbmv2zyczh8f evt_s1vsd3fkrf2t3y749w1gyp2azh",
  "ws-v5 stranger": "evt_7ck2mm3pm4489kne6c23jfks7q evt_a4m4nh7bt9ng3z6wpwhvc225h3",
  "ws-v5 wrong-types": "evt_fbdxrfkab6dj4jkdrnqz06k71n evt_9qdfrat0rf448g2s64natdt3b0",
  "ws-v6 complete": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_rkfa3ef74sq9dfvqnrf98qkccd",
  "ws-v6 minimal": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_nxz6yr1k6w4r9a1mqvtjb3r0zh",
  "ws-v6 printed": "evt_5ewpf74a128cm3cbmv2zyczh8f evt_9j36xz8wmnktds96jrj3pgtcmj",
  "ws-v6 reg-pic": "evt_y6s4rxax0hsej4gyw9edx9rrrk evt_rkfa3ef74sq9dfvqnrf98qkccd",
  "ws-v6 stranger": "evt_2geref8v2bs09mc5j8ryzz9r2d evt_sjrfc8tfsjvxvg4r16psr7f7ee",
  "ws-v6 wrong-types": "evt_t8qbcsbcrggg5arzgzd6as28eb evt_mhd5dx8763k1yea2xcykmqqzb8",
  "history-flat with an unset clock": "evt_74ysqw633cjv4h1d3tvkxghzgf evt_27ghpwbj0h1b3p1kg9dzbbmmzc",
  "history-nested with an unset clock": "evt_7kfvbzhc945tnamd2n3zpa2ccz evt_ja4wyftgv0t621q4e50t0nbt8a",
  "history-v6 with an unset clock": "evt_0kht96b9x7xavr5pm5ycjjvt9j evt_5vw2wv275rfb087v2vrg930qm2",
  "platform-a with an unset clock": "evt_qqm0r3jywqcpj0x2szq1cpc8h7 evt_wxha8d2vrcn8wanc2pcxbm6fd5",
  "platform-b with an unset clock": "evt_pakf8fhnnqpp6qqw4hcfggcyxf evt_2a934yevkeaty50q7392v5jj9f",
  "root-facts with an unset clock": "evt_pyhbeg4n7qpw27vq6mej1ndmtv evt_dyym7b6fvnaq08mhvzkfcyedd5",
  "se3-realtime with an unset clock": "evt_mdg9d198q8eh9yp6aqr6fy70ha evt_wqt3wze39wp67mc6a8b0vktj2g",
  "stored-v5 with an unset clock": "evt_96emwd1b7yefqnzt998w4ye38a evt_2vct4t0a8fwxyfa43nzxcxtbze",
  "stored-v6 with an unset clock": "evt_g31762ppyj96kr6tg2szqtzj7e evt_808jv4etjkynxntm5fab2g5skz",
  "ws-v5 with an unset clock": "evt_bxrbzb11gxqfa9qxc7b6fq0s1e evt_hc93t682vjpm7az64tm3vr7fzv",
  "ws-v6 with an unset clock": "evt_5zhvcat169ytm58mvvytmvtrhr evt_305fht2jdjyprefqzg79vkkrdf",
  "history-flat without a face": "evt_ec7yvqprcbc7kwgdxnpwdhgm7y evt_d98tyzh5vpwfmy1p7c5bjr7v1x",
  "history-nested without a face": "evt_bg0fjb5aznsh3c5xtf27y4b40y evt_qpmqtpsp5ycjhjbeppn9wmz5qj",
  "history-v6 without a face": "evt_ec7yvqprcbc7kwgdxnpwdhgm7y evt_pmhb7nnhqekfk0v7xa7f00z7bv",
  "platform-a without a face": "evt_f13hnxj053kgzktnd9dxzrnhp0 evt_tdxbz79txajew5ycc9jxa6nasg",
  "platform-b without a face": "evt_cynrneqyx60rmgkc0nc50z9xk6 evt_34w9v25bt0748fhqxy0rryfcc9",
  "root-facts without a face": "evt_yjwxnhnk7sk4vam7mw5mbn6tmc evt_n21v7h56v9nv9awk9jd747d6e9",
  "se3-realtime without a face": "evt_bg0fjb5aznsh3c5xtf27y4b40y evt_5zew2g3r1pbecejpbt91asdggf",
  "stored-v5 without a face": "evt_z17yfvtakajr9jh3y2yc2cxceh evt_dd00e7b1esezff792b431y9s2j",
  "stored-v6 without a face": "evt_x5ysqww10sdjp9smc8631axhh9 evt_e5b4hytn7e6afhhf97syddhxae",
  "ws-v5 without a face": "evt_92qq7rfqf1ej5384n5y16cwnxb evt_t8yava0sy0hgrq5wwv465c7kpk",
  "ws-v6 without a face": "evt_g6fq26h3b8xk6ds92qr5vjzy75 evt_sj1carw7mctk404s16z7qvf3hs",
  "history-flat without a picture": "evt_cnfmpe2zp61hve69v41k0cgan7 evt_g6jxqr9bcxah0mzrdhame63sa8",
  "history-nested without a picture": "evt_gv8nknq1q84zr46qewq0tjxz5d evt_cfb4y1vhdkdry8awbvthe4rh2k",
  "history-v6 without a picture": "evt_425sqj884th5wtrzwkqwnjyw01 evt_tc69hks7v7x66n1hesr1yw8k55",
  "platform-a without a picture": "evt_f13hnxj053kgzktnd9dxzrnhp0 evt_tdxbz79txajew5ycc9jxa6nasg",
  "platform-b without a picture": "evt_cynrneqyx60rmgkc0nc50z9xk6 evt_34w9v25bt0748fhqxy0rryfcc9",
  "root-facts without a picture": "evt_yjwxnhnk7sk4vam7mw5mbn6tmc evt_n21v7h56v9nv9awk9jd747d6e9",
  "se3-realtime without a picture": "evt_ktf134vzdq3abze8b4b3y22rm9 evt_8nf5ej3ands06bvs7av1vrn9n5",
  "stored-v5 without a picture": "evt_z17yfvtakajr9jh3y2yc2cxceh evt_dd00e7b1esezff792b431y9s2j",
  "stored-v6 without a picture": "evt_x5ysqww10sdjp9smc8631axhh9 evt_e5b4hytn7e6afhhf97syddhxae",
  "ws-v5 without a picture": "evt_92qq7rfqf1ej5384n5y16cwnxb evt_t8yava0sy0hgrq5wwv465c7kpk",
  "ws-v6 without a picture": "evt_g6fq26h3b8xk6ds92qr5vjzy75 evt_sj1carw7mctk404s16z7qvf3hs",
  "history-flat with an unset clock and without a picture":
    "evt_p1k96pk11h9cnb1cxc5c82q7sq evt_vmwdcpebc5fp5rk0wtwnpgarq3",
  "history-nested with an unset clock and without a picture":
    "evt_x677xvr7v2nevs4121z04mdaxx evt_q2v2ycn5w6brf0srhb1xf84bf2",
  "history-v6 with an unset clock and without a picture":
    "evt_bzrkdm2djz3dwyacbf6adzb7cs evt_javmf0vsc3t3qn2ndy7sbf6enh",
  "platform-a with an unset clock and without a picture":
    "evt_ab2ft3h6ybfvap0m7ydnxh9vjs evt_s1w37t8n9cjg9mhzm9rzn7ytd0",
  "platform-b with an unset clock and without a picture":
    "evt_2cqdwpmdngy5y21sdrn204y5a9 evt_4gmnjyrcrsfzy9zwxfbqqm8xty",
  "root-facts with an unset clock and without a picture":
    "evt_pyhbeg4n7qpw27vq6mej1ndmtv evt_dyym7b6fvnaq08mhvzkfcyedd5",
  "se3-realtime with an unset clock and without a picture":
    "evt_4x9pt1as7nnpcr8w8yayvnkkp5 evt_f1agvzs3p4a7ha2004k0sbx24y",
  "stored-v5 with an unset clock and without a picture":
    "evt_xcjst0n5cgj6wmh38zqkrr6nmy evt_p8d01d3mtvn4t8hkqmcvapaar8",
  "stored-v6 with an unset clock and without a picture":
    "evt_m36qxvrcdzkg1sbhvv35hsfdwt evt_v2ha0rw6j3bskjjwd96b5pqwfn",
  "ws-v5 with an unset clock and without a picture": "evt_9701rb8cbj5rcdfmw2zpq1bkpw evt_29d90jkrfpfcfk0yvc3mkw8eky",
  "ws-v6 with an unset clock and without a picture": "evt_133a2r06d7nqgc1vwfcetqzqp5 evt_8n1exag94qjvvgam8k1ppr0kg5",
};

/** The ids of the twins of known people without a face. */
const twinsOfFacts: Record<string, string> = {
  "history-flat minimal": "evt_pdk8zfs40pae2y6k5sapkfdw1c",
  "history-nested minimal": "evt_hnh9ne1239dhv2ghvhgpzy4jwm",
  "history-v6 minimal": "evt_zgh1ehdrntf2tdf8rjtd57kx6r",
  "platform-a as-tabled": "evt_xw3s7200xgw6rjq03vs7jtg8zb",
  "platform-a minimal": "evt_hsxpx167e30yz6x96vrpzt30sx",
  "platform-b minimal": "evt_xw3s7200xgw6rjq03vs7jtg8zb",
  "root-facts lost-pass-record": "evt_fm9vt2czcz15pbqz8wcmt9183p",
  "se3-realtime complete": "evt_k0qcdh22tj368d281zdzmq157k",
  "se3-realtime minimal": "evt_k0qcdh22tj368d281zdzmq157k",
  "se3-realtime printed": "evt_ngm9xtvh87rdx0gwfzgt7mc3cn",
  "se3-realtime wrong-types": "evt_n8q6k130kgcw8t60d7707nt97v",
  "stored-v5 complete": "evt_2wh693jsxd9sn4bzkk9nb69tzm",
  "stored-v5 minimal": "evt_m8re99tedmwarwrmptm85cqgbt",
  "stored-v5 update-photo": "evt_znsen0ys0b40dzhqcwgn6b8sg6",
  "stored-v6 car": "evt_nqkxxq3pyyh59jvh3gw0v7b6av",
  "stored-v6 complete": "evt_2wh693jsxd9sn4bzkk9nb69tzm",
  "stored-v6 minimal": "evt_m8re99tedmwarwrmptm85cqgbt",
  "stored-v6 update-photo": "evt_znsen0ys0b40dzhqcwgn6b8sg6",
  "ws-v5 minimal": "evt_dmswbkrct67mza9js540rqvyb6",
  "ws-v6 minimal": "evt_wjjdnnpkk2v0e8rv3p79wgq3pv",
};

describe("the ids of events never change", () => {
  it.each(eventFixtures())("dialect %s, body %s: the twin by its facts", (dialect, name) => {
    const { twinId, earlier } = understood(fixture(dialect, name), { box: "gate-1", route: routeOf(dialect) });
    expect(earlier && twinId).toBe(twinsOfFacts[`${dialect} ${name}`]);
  });

  it.each(eventFixtures())("dialect %s, body %s", (dialect, name) => {
    expect(idsOf(dialect, fixture(dialect, name))).toBe(pinned[`${dialect} ${name}`]);
  });

  describe.each(Object.keys(forms))("a stranger %s", (form) => {
    it.each(strangers)("dialect %s", (dialect, name) => {
      const body = forms[form]?.(fixture(dialect, name)) ?? {};
      expect(idsOf(dialect, body)).toBe(pinned[`${dialect} ${form}`]);
    });
  });
});
