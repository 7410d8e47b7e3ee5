use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

use libloading::Library;

/// What libpq reads in a connection string: its parameters, or its message.
pub type Parsed = Result<BTreeMap<String, String>, String>;

/// libpq, as it is installed with PostgreSQL's programs.
pub struct Libpq {
    library: Library,
}

/// `PQconninfoOption` of `libpq-fe.h`.
#[repr(C)]
struct ConninfoOption {
    keyword: *mut c_char,
    envvar: *mut c_char,
    compiled: *mut c_char,
    val: *mut c_char,
    label: *mut c_char,
    dispchar: *mut c_char,
    dispsize: c_int,
}

impl Libpq {
    /// Loads the library.
    pub fn load() -> Libpq {
        // SAFETY: libpq's initialisers have no requirements.
        let library = unsafe { Library::new("libpq.so.5") }.expect("libpq 5 is installed");
        Libpq { library }
    }

    /// What `PQconninfoParse` says of a connection string; without variables and defaults.
    pub fn parse(&self, text: &str) -> Parsed {
        let text = CString::new(text).map_err(|error| error.to_string())?;
        let mut message: *mut c_char = ptr::null_mut();
        // SAFETY: the signatures are those of `libpq-fe.h`; what is returned is freed once, below.
        unsafe {
            let parse = self
                .library
                .get::<unsafe extern "C" fn(*const c_char, *mut *mut c_char) -> *mut ConninfoOption>(
                    b"PQconninfoParse",
                )
                .expect("libpq has the function");
            let options = parse(text.as_ptr(), &raw mut message);
            if options.is_null() {
                let said = if message.is_null() { String::new() } else { string(message) };
                self.free(b"PQfreemem", message);
                return Err(said.trim().to_owned());
            }
            let mut parsed = BTreeMap::new();
            let mut option = options;
            while !(*option).keyword.is_null() {
                if !(*option).val.is_null() {
                    parsed.insert(string((*option).keyword), string((*option).val));
                }
                option = option.add(1);
            }
            self.free(b"PQconninfoFree", options);
            Ok(parsed)
        }
    }

    /// Frees what libpq made, by its function for that.
    ///
    /// # Safety
    ///
    /// The function takes such a pointer, and nothing uses it afterwards.
    unsafe fn free<T>(&self, function: &[u8], pointer: *mut T) {
        // SAFETY: see above.
        unsafe {
            let free =
                self.library.get::<unsafe extern "C" fn(*mut T)>(function).expect("libpq has the function");
            free(pointer);
        }
    }
}

/// A copy of a C string, as far as it is UTF-8.
///
/// # Safety
///
/// The pointer is that of a string.
unsafe fn string(text: *const c_char) -> String {
    // SAFETY: see above.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
