//! The edge over real sockets: visitors on one side, containers on the other, Wharf on the control socket.

mod answers;
mod attack;
mod handoff;
mod hold;
mod hygiene;
mod kept;
mod limits;
mod load;
mod routing;
mod site;
mod state;
mod switch;
mod tls;
mod world;
