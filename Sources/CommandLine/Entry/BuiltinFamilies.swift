import Genera

#if PFGMPP
    import PFGMPP
#endif

/// The families that this build of Genera has: one for each package trait that is enabled.
public let builtinFamilies: [any ModelFamily.Type] = {
    var families: [any ModelFamily.Type] = []
    #if PFGMPP
        families.append(PFGMPP.self)
    #endif
    return families
}()
