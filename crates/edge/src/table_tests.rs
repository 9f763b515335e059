//! Which route a host and a path find.

use super::*;
use proptest::prelude::*;

fn compiled(routes: Vec<Route>) -> Table {
    Table::compile(RouteTable { generation: 1, routes }, &Table::default(), &Containers::default())
}

fn route(host: &str, path: &str) -> Route {
    let application = "abcdefghijklmnopqrstuvwx".parse().expect("an id");
    let target = Target::Upstreams { upstreams: vec![] };
    Route { application, host: host.parse().expect("a host"), path: path.parse().expect("a path"), strip_prefix: false, https_only: false, target }
}

/// What the documentation of [`RouteTable`] says, word for word.
fn naive<'a>(routes: &'a [Route], host: &str, path: &str) -> Option<&'a Route> {
    let longest = |wanted: &str| {
        let below = |prefix: &str| prefix == "/" || path == prefix || path.starts_with(&format!("{prefix}/"));
        let matching = routes.iter().filter(|route| route.host.as_str() == wanted && below(route.path.as_str()));
        matching.max_by_key(|route| route.path.as_str().len())
    };
    let wildcard = host.find('.').map(|dot| format!("*{}", &host[dot..]));
    longest(host).or_else(|| longest(&wildcard?))
}

proptest! {
    #[test]
    fn the_route_is_the_one_that_the_rule_names(
        chosen in proptest::collection::btree_set(("(\\*\\.)?[ab](\\.[ab])?\\.c", "(/[ab]{1,2}){0,3}"), 0..12),
        host in "[ab](\\.[ab]){0,2}\\.c",
        path in "(/[ab]{1,2}){0,4}/?",
    ) {
        let routes: Vec<Route> = chosen.iter().map(|(host, path)| route(host, path)).collect();
        let table = compiled(routes.clone());
        let found = table.route(&host, &path).map(|entry| entry.prefix.as_str());
        let expected = naive(&routes, &host, &path).map(|route| route.path.as_str().trim_end_matches('/'));
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn upstreams_take_turns_and_those_that_refused_come_last() {
    let containers = Containers::default();
    let upstreams: Vec<_> = ["a", "b", "c"].map(|name| Arc::new(Upstream::new(([127, 0, 0, 1], 1).into(), containers.named(name)))).into();
    let balance = Balance { upstreams: upstreams.clone(), turn: AtomicUsize::new(0) };
    let order: Vec<_> = (0..6).filter_map(|_| balance.choose(&[], || 1)).map(Arc::as_ptr).collect();
    assert_eq!(order[..3], order[3..]);
    let busy = upstreams[0].enter();
    upstreams[1].avoid(1);
    assert!((0..6).all(|_| balance.choose(&[], || 2).is_some_and(|one| Arc::ptr_eq(one, &upstreams[2]))));
    drop(busy);
    assert!((0..6).all(|_| balance.choose(&upstreams, || 2).is_none()));
    assert!((0..6).all(|_| balance.choose(&[upstreams[0].clone(), upstreams[2].clone()], || 2).is_some_and(|one| Arc::ptr_eq(one, &upstreams[1]))));
}
