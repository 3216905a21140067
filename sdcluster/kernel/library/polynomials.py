"""Polynomials for the elementary functions, with the smallest possible largest error for their degree.

The file is written by `benchmarks/minimax.py`. Do not edit it. Terms are summed in pairs (G. Estrin, 1960).
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import jit

# ---- copied from here


@jit
def exp_rest(r):
    """Return (e^r - 1 - r) / r^2.

    The approximation holds for r from -0.347267 to 0.347267. Its error is at most 2^-60.0 times
    the result of the elementary function.
    """
    r2 = r * r
    r4 = r2 * r2
    r8 = r4 * r4
    return (
        ((0.5 + 0.16666666666666682 * r) + (0.04166666666666608 + 0.008333333333316786 * r) * r2)
        + (
            (0.0013888888889119013 + 0.0001984126989701407 * r)
            + (2.480158692245138e-05 + 2.755723421956096e-06 * r) * r2
        )
        * r4
    ) + ((2.755758377804563e-07 + 2.511226473111672e-08 * r) + 2.0826454001557207e-09 * r2) * r8


@jit
def sinh_rest(z):
    """Return (sinh(r) / r - 1) / z for z = r^2.

    The approximation holds for z from 1.0e-12 to 0.120594. Its error is at most 2^-59.6 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    return (
        (0.16666666666666666 + 0.008333333333333337 * z)
        + (0.00019841269841252952 + 2.755731926566252e-06 * z) * z2
    ) + (2.5052056395524466e-08 + 1.6090941527976168e-10 * z) * z4


@jit
def cosh_rest(z):
    """Return (cosh(r) - 1) / z for z = r^2.

    The approximation holds for z from 1.0e-12 to 0.120594. Its error is at most 2^-65.3 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    return (
        (0.5 + 0.04166666666666671 * z) + (0.001388888888886355 + 2.4801587364114234e-05 * z) * z2
    ) + (2.755724122589196e-07 + 2.0924609576932983e-09 * z) * z4


@jit
def log_rest(z):
    """Return (2 atanh(s) / s - 2) / z for z = s^2.

    The approximation holds for z from 1.0e-12 to 0.0294402. Its error is at most 2^-58.9 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    return (
        (0.6666666666666734 + 0.3999999999941444 * z)
        + (0.2857142874245129 + 0.22222198565678267 * z) * z2
    ) + ((0.18183564763682056 + 0.15314038221082057 * z) + 0.14796083753866854 * z2) * z4


@jit
def atanh_rest(z):
    """Return 3 (atanh(s) / s - 1 - z / 3) / z^2 for z = s^2.

    The approximation holds for z from 1.0e-12 to 0.0294402. Its error is at most 2^-67.3 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    return (
        (0.5999999999999996 + 0.4285714285716766 * z)
        + (0.3333333332630517 + 0.27272728305424326 * z) * z2
    ) + (
        (0.2307683530915231 + 0.20004476045426267 * z)
        + (0.17512229126088144 + 0.17983510612592607 * z) * z2
    ) * z4


@jit
def sin_rest(z):
    """Return (sin(r) / r - 1) / z for z = r^2.

    The approximation holds for z from 1.0e-12 to 0.617467. Its error is at most 2^-57.0 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    return (
        (-0.16666666666666632 + 0.00833333333332237 * z)
        + (-0.00019841269829771075 + 2.7557313678606834e-06 * z) * z2
    ) + (-2.5050755950550434e-08 + 1.5896665846769455e-10 * z) * z4


@jit
def cos_rest(z):
    """Return (cos(r) - 1 + z / 2) / z^2 for z = r^2.

    The approximation holds for z from 1.0e-12 to 0.617467. Its error is at most 2^-59.4 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    return (
        (0.041666666666666595 + -0.0013888888888872978 * z)
        + (2.4801587288800526e-05 + -2.755731416411585e-07 * z) * z2
    ) + (2.0875698726619695e-09 + -1.1358424403447965e-11 * z) * z4


@jit
def asin_rest(z):
    """Return (asin(x) / x - 1) / z for z = x^2.

    The approximation holds for z from 1.0e-12 to 0.25. Its error is at most 2^-58.7 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    z8 = z4 * z4
    return (
        (
            (0.16666666666666763 + 0.07499999999970262 * z)
            + (0.044642857175120454 + 0.030381942683634408 * z) * z2
        )
        + (
            (0.022372215659803053 + 0.01735160010092218 * z)
            + (0.01398096134260349 + 0.011397776871564453 * z) * z2
        )
        * z4
    ) + (
        (
            (0.010786524148370745 + 0.003683060319998018 * z)
            + (0.021763454910079465 + -0.021077230020843336 * z) * z2
        )
        + 0.03267685104386393 * z4
    ) * z8


@jit
def atan_rest(z):
    """Return (atan(x) / x - 1) / z for z = x^2.

    The approximation holds for z from 1.0e-12 to 0.191406. Its error is at most 2^-59.7 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    z8 = z4 * z4
    return (
        (
            (-0.33333333333333315 + 0.19999999999993123 * z)
            + (-0.1428571428484917 + 0.11111111056462224 * z) * z2
        )
        + (
            (-0.09090907063697713 + 0.07692259665534408 * z)
            + (-0.06665904321353674 + 0.05874034171050208 * z) * z2
        )
        * z4
    ) + (
        (-0.05200191020323805 + 0.04433347986955821 * z)
        + (-0.03192375200284245 + 0.013699379857076015 * z) * z2
    ) * z8


@jit
def erf_rest(z):
    """Return erf(x) / x - 1 for z = x^2.

    The approximation holds for z from 1.0e-12 to 1.0. Its error is at most 2^-56.3 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    z8 = z4 * z4
    return (
        (
            (0.1283791670955126 + -0.3761263890318375 * z)
            + (0.11283791670954857 + -0.026866170645072893 * z) * z2
        )
        + (
            (0.005223977624780839 + -0.0008548326978740492 * z)
            + (0.00012055331036833399 + -1.4925593505229357e-05 * z) * z2
        )
        * z4
    ) + (
        (
            (1.6460972789590114e-06 + -1.6350024926381842e-07 * z)
            + (1.4657877829073025e-08 + -1.1365658149362095e-09 * z) * z2
        )
        + 5.945248541523145e-11 * z4
    ) * z8


@jit
def erfc_rest(u):
    """Return (x + 4) e^(x^2) erfc(x) for u = 1 / (x + 4) - 1 / 8.

    The approximation holds for u from -0.09375 to 0.0972222. Its error is at most 2^-53.5 times
    the result of the elementary function.
    """
    u2 = u * u
    u4 = u2 * u2
    u8 = u4 * u4
    u16 = u8 * u8
    return 1.095995661000491 + u * (
        7.812389832647056
        + u
        * (
            49.48535694497512
            + u
            * (
                (
                    (
                        (
                            (276.91716163237777 + 1355.1681039485552 * u)
                            + (5701.99039147477 + 20022.95584402266 * u) * u2
                        )
                        + (
                            (55302.010106467285 + 102543.27825123037 * u)
                            + (37709.658400262735 + -488609.25557696685 * u) * u2
                        )
                        * u4
                    )
                    + (
                        (
                            (-1518809.7723742907 + -249757.94210964962 * u)
                            + (10368710.528111998 + 20636415.97337946 * u) * u2
                        )
                        + (
                            (-50084991.552611575 + -236935058.3844287 * u)
                            + (167891782.78260136 + 2139971829.8718903 * u) * u2
                        )
                        * u4
                    )
                    * u8
                )
                + ((-10571784.896855224 + -13714806147.604967 * u) + -3943659833.422531 * u2) * u16
            )
        )
    )


@jit
def gamma_about(u):
    """Return gamma(5/2 + u).

    The approximation holds for u from -0.5 to 0.5. Its error is at most 2^-56.2 times
    the result of the elementary function.
    """
    u2 = u * u
    u4 = u2 * u2
    u8 = u4 * u4
    return 1.329340388179137 + u * (
        0.9347345216260855
        + u
        * (
            0.6545585779813368
            + u
            * (
                (
                    (
                        (0.25387124684114365 + 0.10967323400215605 * u)
                        + (0.0283607805947824 + 0.010392403426087892 * u) * u2
                    )
                    + (
                        (0.0016074004867526223 + 0.0007544741248146721 * u)
                        + (3.941752797937401e-06 + 6.133002552986232e-05 * u) * u2
                    )
                    * u4
                )
                + (
                    (
                        (-1.2801318918578452e-05 + 7.253499974361508e-06 * u)
                        + (-2.562304210938168e-06 + 1.0839849444136917e-06 * u) * u2
                    )
                    + (
                        (-4.1787945187755673e-07 + 1.663864715415115e-07 * u)
                        + (-8.302274529959636e-08 + 3.5186257668784076e-08 * u) * u2
                    )
                    * u4
                )
                * u8
            )
        )
    )


@jit
def lgamma_low(u):
    """Return lgamma(3/2 + u) / (u^2 - 1/4).

    The approximation holds for u from -0.5 to 0.5. Its error is at most 2^-54.7 times
    the result of the elementary function.
    """
    u2 = u * u
    u4 = u2 * u2
    u8 = u4 * u4
    u16 = u8 * u8
    return 0.4831289505409809 + u * (
        -0.14595989591430608
        + u
        * (
            0.06291140107456496
            + u
            * (
                (
                    (
                        (
                            (-0.03130848750100946 + 0.016797098631183286 * u)
                            + (-0.00942562244862897 + 0.005446457844815216 * u) * u2
                        )
                        + (
                            (-0.003212074069614916 + 0.0019229161302245536 * u)
                            + (-0.001164414674266744 + 0.0007115224837587661 * u) * u2
                        )
                        * u4
                    )
                    + (
                        (
                            (-0.00043799189996802967 + 0.00027127390059267665 * u)
                            + (-0.00016892748081754507 + 0.00010565338074919758 * u) * u2
                        )
                        + (
                            (-6.609122581458531e-05 + 4.159363284888001e-05 * u)
                            + (-2.7361179222244976e-05 + 1.746652129026044e-05 * u) * u2
                        )
                        * u4
                    )
                    * u8
                )
                + (
                    (-8.07110111586269e-06 + 4.9208984027028126e-06 * u)
                    + (-7.97730264274736e-06 + 5.256754966420508e-06 * u) * u2
                )
                * u16
            )
        )
    )


@jit
def lgamma_high(u):
    """Return lgamma(5/2 + u) / (u + 1/2).

    The approximation holds for u from -0.5 to 0.5. Its error is at most 2^-52.8 times
    the result of the elementary function.
    """
    u2 = u * u
    u4 = u2 * u2
    u8 = u4 * u4
    return 0.5693657409458384 + u * (
        0.2675817993988097
        + u
        * (
            -0.044805842697384565
            + u
            * (
                (
                    (
                        (0.010877001514193217 + -0.0030951822936200087 * u)
                        + (0.0009610979287978942 + -0.00031505925026910093 * u) * u2
                    )
                    + (
                        (0.00010710020391387019 + -3.7353370710678076e-05 * u)
                        + (1.3275793721399723e-05 + -4.7863687948338875e-06 * u) * u2
                    )
                    * u4
                )
                + (
                    (
                        (1.745016085476557e-06 + -6.421946983685276e-07 * u)
                        + (2.380673700704764e-07 + -8.75931484698937e-08 * u) * u2
                    )
                    + (
                        (3.2557163609973135e-08 + -1.471651700568023e-08 * u)
                        + 5.804079512643595e-09 * u2
                    )
                    * u4
                )
                * u8
            )
        )
    )


@jit
def stirling_rest(z):
    """Return x (lgamma(x) - (x - 1/2) log x + x - log(2 pi) / 2) for z = 1 / x^2.

    The approximation holds for z from 1.0e-12 to 0.00694444. Its error is at most 2^-61.2 times
    the result of the elementary function.
    """
    z2 = z * z
    z4 = z2 * z2
    return (
        (0.08333333333333333 + -0.0027777777777776816 * z)
        + (0.0007936507935001665 + -0.0005952379912236182 * z) * z2
    ) + ((0.0008417138599954403 + -0.001910442150156258 * z) + 0.005708302238422852 * z2) * z4
