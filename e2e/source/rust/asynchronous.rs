mod asynchronous_world;

struct Waiter;

impl asynchronous_world::Guest for Waiter {
    async fn wait() -> String {
        String::new()
    }
}

asynchronous_world::export!(Waiter with_types_in asynchronous_world);
