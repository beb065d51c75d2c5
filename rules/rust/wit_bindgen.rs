//! What the modules of `wit_rust_bindings` need at run time, under the names of the crate wit-bindgen, for crates that are built
//! without that one. What belongs to asynchronous functions, streams and futures is not here.

#![no_std]

extern crate alloc;

/// The names that generated code refers to.
pub mod rt {
    use alloc::alloc::{alloc, dealloc, handle_alloc_error, realloc};
    use core::alloc::Layout;
    use core::ptr::null_mut;

    pub mod bitflags {
        pub use crate::bitflags;
    }

    /// Allocates, and resizes, memory for the host and for other components: the option `realloc` of the Canonical ABI
    /// (CanonicalABI.md, `canonopt`).
    ///
    /// # Safety
    ///
    /// `old` is what an earlier call returned, for `old_size` and the same `align`, or `old_size` is 0.
    #[export_name = "cabi_realloc"]
    pub unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
        // A pointer to no bytes.
        let nothing = null_mut::<u8>().wrapping_add(align);
        let layout = |size| match Layout::from_size_align(size, align) {
            Ok(layout) => layout,
            Err(_) => panic!("no memory has this size"),
        };
        let new = match (old_size, size) {
            (0, 0) => return nothing,
            (0, _) => alloc(layout(size)),
            (_, 0) => {
                dealloc(old, layout(old_size));
                return nothing;
            }
            _ => realloc(old, layout(old_size), layout(size).size()),
        };
        if new.is_null() {
            handle_alloc_error(layout(size));
        }
        new
    }

    /// Makes the linker export `cabi_realloc` of whatever module contains bindings, because of the reference.
    pub fn maybe_link_cabi_realloc() {
        #[used]
        static REFERENCE: unsafe extern "C" fn(*mut u8, usize, usize, usize) -> *mut u8 = cabi_realloc;
    }

    /// Runs the static constructors, such as the C library's, before the first exported function does anything.
    ///
    /// The reference to `__wasm_call_ctors` is what keeps the linker from running them in each exported function.
    #[cfg(target_family = "wasm")]
    pub fn run_ctors_once() {
        use core::sync::atomic::{AtomicBool, Ordering};

        extern "C" {
            fn __wasm_call_ctors();
        }

        static DONE: AtomicBool = AtomicBool::new(false);
        if !DONE.swap(true, Ordering::Relaxed) {
            unsafe { __wasm_call_ctors() }
        }
    }

    /// A block of memory that is freed when this is dropped.
    pub struct Cleanup {
        block: *mut u8,
        layout: Layout,
    }

    // Nothing but this owns the block.
    unsafe impl Send for Cleanup {}
    unsafe impl Sync for Cleanup {}

    impl Cleanup {
        /// Allocates a block. If it is to have no bytes, there is nothing to free, and the pointer is null.
        pub fn new(layout: Layout) -> (*mut u8, Option<Cleanup>) {
            if layout.size() == 0 {
                return (null_mut(), None);
            }
            let block = unsafe { alloc(layout) };
            if block.is_null() {
                handle_alloc_error(layout);
            }
            (block, Some(Cleanup { block, layout }))
        }

        /// Leaves the block to another owner.
        pub fn forget(self) {
            core::mem::forget(self);
        }
    }

    impl Drop for Cleanup {
        fn drop(&mut self) {
            unsafe { dealloc(self.block, self.layout) }
        }
    }

    /// A type that implements an exported resource.
    pub trait Resource: Sized + 'static {
        /// What is in memory while there are handles.
        type Rep: ResourceRep<Self>;
    }

    impl<T: 'static> Resource for T {
        type Rep = Option<T>;
    }

    /// What is in memory for a resource, from which its value can be taken before the last handle is dropped.
    ///
    /// # Safety
    ///
    /// The references that the functions return are to the value within.
    pub unsafe trait ResourceRep<T> {
        fn rep_new(value: T) -> Self;

        /// # Safety
        ///
        /// `rep` is valid for as long as the reference is, and nothing has been taken from it.
        unsafe fn rep_as_ref<'a>(rep: *const Self) -> &'a T;

        /// # Safety
        ///
        /// As for `rep_as_ref`, and there is no other reference.
        unsafe fn rep_as_mut<'a>(rep: *mut Self) -> &'a mut T;

        /// # Safety
        ///
        /// As for `rep_as_mut`.
        unsafe fn rep_take(rep: *mut Self) -> T;
    }

    unsafe impl<T> ResourceRep<T> for Option<T> {
        fn rep_new(value: T) -> Self {
            Some(value)
        }

        unsafe fn rep_as_ref<'a>(rep: *const Self) -> &'a T {
            (*rep).as_ref().expect("the resource has been consumed")
        }

        unsafe fn rep_as_mut<'a>(rep: *mut Self) -> &'a mut T {
            (*rep).as_mut().expect("the resource has been consumed")
        }

        unsafe fn rep_take(rep: *mut Self) -> T {
            (*rep).take().expect("the resource has been consumed")
        }
    }

    /// What a `map` of WIT is.
    pub type Map<K, V> = alloc::collections::BTreeMap<K, V>;

    /// What generated code does with a `map` of WIT.
    pub trait WitMap<K, V>: Sized {
        fn wit_map_new(capacity: usize) -> Self;
        fn wit_map_push(&mut self, key: K, value: V);
        fn wit_map_len(&self) -> usize;
    }

    impl<K: Ord, V> WitMap<K, V> for Map<K, V> {
        fn wit_map_new(_capacity: usize) -> Self {
            Self::new()
        }

        fn wit_map_push(&mut self, key: K, value: V) {
            self.insert(key, value);
        }

        fn wit_map_len(&self) -> usize {
            self.len()
        }
    }
}

/// Declares a type for `flags` of WIT, with the commonest functions that the macro of the crate bitflags declares.
///
/// All other names are absolute paths, because types of WIT beside it can have those of the prelude.
#[macro_export]
macro_rules! bitflags {
    ($(#[$attribute:meta])* $vis:vis struct $name:ident: $bits:ty {
        $($(#[$flag_attribute:meta])* const $flag:ident = $value:expr;)*
    }) => {
        $(#[$attribute])*
        $vis struct $name {
            bits: $bits,
        }

        #[allow(dead_code)]
        impl $name {
            $($(#[$flag_attribute])* pub const $flag: Self = Self { bits: $value };)*

            /// No flag.
            pub const fn empty() -> Self {
                Self { bits: 0 }
            }

            /// All flags.
            pub const fn all() -> Self {
                Self { bits: 0 $(| $value)* }
            }

            /// Each flag has a bit; the first has the lowest.
            pub const fn bits(&self) -> $bits {
                self.bits
            }

            /// `None` if there is a bit of no flag.
            pub const fn from_bits(bits: $bits) -> ::core::option::Option<Self> {
                if bits & !Self::all().bits == 0 {
                    ::core::option::Option::Some(Self { bits })
                } else {
                    ::core::option::Option::None
                }
            }

            /// Ignores the bits of no flag.
            pub const fn from_bits_truncate(bits: $bits) -> Self {
                Self { bits: bits & Self::all().bits }
            }

            /// Keeps the bits of no flag.
            pub const fn from_bits_retain(bits: $bits) -> Self {
                Self { bits }
            }

            pub const fn is_empty(&self) -> bool {
                self.bits == 0
            }

            pub const fn is_all(&self) -> bool {
                self.contains(Self::all())
            }

            /// Whether all flags of the other are among these.
            pub const fn contains(&self, other: Self) -> bool {
                self.bits & other.bits == other.bits
            }

            /// Whether any flag of the other is among these.
            pub const fn intersects(&self, other: Self) -> bool {
                self.bits & other.bits != 0
            }

            pub fn insert(&mut self, other: Self) {
                self.bits |= other.bits;
            }

            pub fn remove(&mut self, other: Self) {
                self.bits &= !other.bits;
            }

            pub fn toggle(&mut self, other: Self) {
                self.bits ^= other.bits;
            }

            /// Inserts flags, or removes them.
            pub fn set(&mut self, other: Self, value: bool) {
                if value {
                    self.insert(other)
                } else {
                    self.remove(other)
                }
            }

            pub const fn union(self, other: Self) -> Self {
                Self { bits: self.bits | other.bits }
            }

            pub const fn intersection(self, other: Self) -> Self {
                Self { bits: self.bits & other.bits }
            }

            pub const fn difference(self, other: Self) -> Self {
                Self { bits: self.bits & !other.bits }
            }

            pub const fn symmetric_difference(self, other: Self) -> Self {
                Self { bits: self.bits ^ other.bits }
            }

            /// The flags that are not among these.
            pub const fn complement(self) -> Self {
                Self::from_bits_truncate(!self.bits)
            }

            /// The names of these flags, as constants of this type, and the flags.
            pub fn iter_names(&self) -> impl ::core::iter::Iterator<Item = (&'static str, Self)> + use<> {
                let bits = self.bits;
                let all = ::core::iter::IntoIterator::into_iter([$((stringify!($flag), $name::$flag)),*]);
                ::core::iter::Iterator::filter(all, move |(_, flag)| bits & flag.bits != 0)
            }
        }

        $crate::__operator!($name, bitor, BitOr, union, bitor_assign, BitOrAssign);
        $crate::__operator!($name, bitand, BitAnd, intersection, bitand_assign, BitAndAssign);
        $crate::__operator!($name, bitxor, BitXor, symmetric_difference, bitxor_assign, BitXorAssign);
        $crate::__operator!($name, sub, Sub, difference, sub_assign, SubAssign);

        impl ::core::ops::Not for $name {
            type Output = Self;

            fn not(self) -> Self {
                self.complement()
            }
        }

        impl ::core::iter::Extend<$name> for $name {
            fn extend<I: ::core::iter::IntoIterator<Item = Self>>(&mut self, flags: I) {
                for flag in flags {
                    self.insert(flag)
                }
            }
        }

        impl ::core::iter::FromIterator<$name> for $name {
            fn from_iter<I: ::core::iter::IntoIterator<Item = Self>>(flags: I) -> Self {
                let mut all = Self::empty();
                all.extend(flags);
                all
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __operator {
    ($name:ident, $method:ident, $trait:ident, $function:ident, $assign_method:ident, $assign_trait:ident) => {
        impl ::core::ops::$trait for $name {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                self.$function(other)
            }
        }

        impl ::core::ops::$assign_trait for $name {
            fn $assign_method(&mut self, other: Self) {
                *self = self.$function(other)
            }
        }
    };
}
