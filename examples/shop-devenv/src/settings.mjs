/** Where the services meet. Set both ports to run a second copy beside the first. */
export const dbPort = Number(process.env.SHOP_DB_PORT || 5452);
export const webPort = Number(process.env.SHOP_WEB_PORT || 3052);

export const database = { host: '127.0.0.1', port: dbPort, user: 'postgres', database: 'postgres' };
