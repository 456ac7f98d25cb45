/** Whether something listens on a port of this machine. */
import { connect } from "node:net"

export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 2000 })
    const end = (does: boolean) => () => {
      socket.destroy()
      resolve(does)
    }
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false))
  })
