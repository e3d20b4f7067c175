// Readers take bytes and writers give them: the types for both come with this module.
@_exported import Platform
