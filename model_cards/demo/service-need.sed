# The answers of a demo approver to `apualy review form`: they accept everything, for nobody is advised in earnest.
s/^reason = ""/reason = "A demonstration: nobody is advised in earnest, and the finding is there to be shown."/
s/^does = ""/does = "It names the service in which caseworkers have most often placed people with a story much like this one."/
s/^could_go_wrong = ""/could_go_wrong = "A client may be sent where others were sent before, and nobody asks whether it helped them."/
s/^what = ""/what = "Train it on newer years and look at the findings again."/
