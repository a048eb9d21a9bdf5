/** The settings of a proxy, by the check that fails without them. */
export const settings = {
  path: inProxies("the `location` of install/nginx", "the `reverse_proxy` of install/caddy"),
  slash: inProxies("`location = /gate { return 308 /gate/; }`", "`redir /gate /gate/ 308`"),
  key: inProxies("`proxy_set_header Authorization $http_authorization;`", "no `header_up -Authorization`"),
  host: inProxies("`proxy_set_header Host $http_host;`", "no `header_up Host`"),
  scheme: `start Gatepost with --public-url, or with --trust-proxy and ${inProxies(
    "`proxy_set_header X-Forwarded-Proto $scheme;`",
    "no `header_up X-Forwarded-Proto`",
  )}`,
  client: inProxies("`proxy_set_header X-Forwarded-For $remote_addr;`", "`header_up X-Forwarded-For {remote_host}`"),
  upgrade: inProxies(
    "`proxy_http_version 1.1;`, `proxy_set_header Upgrade $http_upgrade;` and `proxy_set_header Connection $http_connection;`",
    "no `header_up` of `Upgrade` or `Connection`",
  ),
  body: inProxies("`client_max_body_size 0;`", "no `request_body` with `max_size`"),
  buffering: inProxies("`proxy_request_buffering off;`", "no `request_buffers`"),
  idle: inProxies(
    "`proxy_read_timeout 300s;` and `proxy_send_timeout 300s;`",
    "no `response_header_timeout`, `read_timeout` or `stream_timeout` under 300s",
  ),
};

function inProxies(nginx: string, caddy: string): string {
  return `in nginx ${nginx}, in Caddy ${caddy}`;
}
