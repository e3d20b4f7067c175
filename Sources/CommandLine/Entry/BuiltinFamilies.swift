import Genera

#if PFGMPP
    import PFGMPP
#endif
#if Splatting
    import Splatting
#endif
#if GDSS
    import GDSS
#endif
#if RADD
    import RADD
#endif

/// The families that this build of Genera has: the classifier that measures images, and one for each package trait that is enabled.
public let builtinFamilies: [any ModelFamily.Type] = {
    var families: [any ModelFamily.Type] = [ImageClassifier.self]
    #if PFGMPP
        families.append(PFGMPP.self)
    #endif
    #if Splatting
        families.append(Splatting.self)
    #endif
    #if GDSS
        families.append(GDSS.self)
    #endif
    #if RADD
        families.append(RADD.self)
    #endif
    return families
}()
